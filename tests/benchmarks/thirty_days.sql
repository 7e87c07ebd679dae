-- Each stop of the thirty days but a tenth was served: fixes, a lift and two verdicts each, as the judge would leave them.
INSERT INTO observation
SELECT vehicle_id, planned_at + n * interval '10 seconds', lon, lat, 0, 3, stop_id
FROM stop, generate_series(0, 5) n WHERE seq % 10 > 0 ON CONFLICT DO NOTHING;

INSERT INTO lift
SELECT 'L' || stop_id, vehicle_id, planned_at, service_point_id, NULL, lon, lat, 46, '[]', stop_id FROM stop WHERE seq % 10 > 0;

INSERT INTO stop_verdict
SELECT stop_id, n, CASE n WHEN 1 THEN 'unknown' ELSE 'collected' END, planned_at, planned_at, '{}', deadline, deadline, 'late data'
FROM stop, generate_series(1, 2) n;

UPDATE stop SET
    verdict = CASE WHEN seq % 10 > 0 THEN 'collected' ELSE 'missed' END, revision = 2,
    served_at = CASE WHEN seq % 10 > 0 THEN planned_at END, judged_at = deadline, evidence = '{}';

INSERT INTO vehicle_progress SELECT DISTINCT vehicle_id, timestamptz '2026-11-12', 0, 0 FROM stop;

ANALYZE;
