-- Complaints of a city over two years: all closed but one in two hundred, over a box of 50 km, in 24 categories' worth of words.
INSERT INTO complaint.complaint_case (
    case_id, revision, channel, category, urgency, description, grams, attributes, address, lon, lat, cell, district_id, is_public,
    has_contact, status, requested_at, received_at, changed_at, closed_at, yellow_at, due_at, level, round, pressed, returned,
    contacted_in_time, resolved_in_time, solved, satisfaction, followers, is_main, events)
SELECT 'L-' || n, 6, 'hotline', (ARRAY['bin_overflow', 'missed_collection', 'unclean_road', 'truck_noise', 'toilet'])[1 + n % 5],
    'general', words.said, words.pairs, '{}', n % 900 || ' 号', place.lon, place.lat,
    floor(place.lat / 0.005)::bigint * 100000 + floor(place.lon / 0.005)::bigint, '3101' || lpad((n % 16 + 1)::text, 2, '0') || '003',
    n % 3 = 0, true, CASE WHEN n % 200 = 0 THEN 'filed' ELSE 'closed' END, t.at, t.at, t.at + interval '1 day',
    CASE WHEN n % 200 > 0 THEN t.at + interval '1 day' END, CASE WHEN n % 200 = 0 THEN now() + interval '1 day' END,
    CASE WHEN n % 200 = 0 THEN now() + interval '2 days' END, 0, 1, 0, CASE WHEN n % 40 = 0 THEN 1 ELSE 0 END, true, n % 12 > 0, n % 7 > 0,
    CASE WHEN n % 9 > 0 THEN 'satisfied' ELSE 'not_satisfied' END, 0, false, 2
FROM generate_series(:first::bigint, :last::bigint) AS n,
    LATERAL (SELECT now() - interval '730 days' * ((n * 7919) % 1000003 / 1000003.0) AS at) AS t,
    LATERAL (SELECT 121.1 + (n * 104729 % 1000) / 2000.0 AS lon, 30.9 + (n * 15485863 % 1000) / 2000.0 AS lat) AS place,
    LATERAL (SELECT 'case ' || n || ' at gate ' || n % 900 AS said,
        'ca as se ga at te ' || substr(n::text, 1, 2) || ' ' || substr(n::text, 2, 2) || ' ' || substr(n::text, 3, 2) || ' x'
            || n % 5000 AS pairs) AS words;
INSERT INTO complaint.case_clock (
    case_id, kind, round, started_at, limit_seconds, working, rules_from, pauses, yellow_at, due_at, stopped_at, level)
SELECT case_id, 'resolve', 1, requested_at, 14400, true, '2020-01-01', '[]', requested_at + interval '1 day',
    coalesce(due_at, requested_at + interval '2 days'), closed_at, 0
FROM complaint.complaint_case WHERE case_id LIKE 'L-%' AND substr(case_id, 3)::int BETWEEN :first AND :last;
INSERT INTO complaint.case_event (case_id, seq, step, status, at, actor, responsible, clocks, changed)
SELECT case_id, step.seq, 'note', 'closed', requested_at, 'bench', 'centre', '[]', '{}'
FROM complaint.complaint_case, generate_series(1, 2) AS step (seq)
WHERE case_id LIKE 'L-%' AND substr(case_id, 3)::int BETWEEN :first AND :last;
