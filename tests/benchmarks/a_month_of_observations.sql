-- 200,000 observations of month :month in 220 subdistricts of 16 districts, three quarters from stops, the rest inspections, surveys
-- and complaints; and their sums. Facts of earlier months carry lower change numbers, as they would.
INSERT INTO evaluation.observation (fact, kind, seq, observation_id, period, area_id, value_e4, at, detail, href)
SELECT what.fact || ':' || :month || '-' || n, what.kind, (:month - 1) * 200000 + n, md5(:month || '-' || n)::uuid::text,
    (date '2021-01-01' + interval '1 month' * (:month - 1))::date, area.id,
    CASE WHEN n % 8 < 6 THEN CASE WHEN n % 97 = 0 THEN 0 ELSE 1000000 END ELSE 600000 + n * 7919 % 400001 END,
    timestamptz '2021-01-01 08:00+08' + interval '1 month' * (:month - 1) + interval '1 second' * (n % 2400000),
    CASE WHEN n % 8 = 6 THEN '{"answers": {"litter": "pass", "overflow": "fail"}, "checklist": "road", "checklist_version": "2020-01-01"}'
        ELSE '{"verdict": "collected"}' END::jsonb,
    '/v1/runs/' || n
FROM generate_series(1, 200000) AS n,
    LATERAL (SELECT ((310101 + n % 220 % 16) * 1000 + n % 220 / 16)::text AS id) AS area,
    LATERAL (SELECT (ARRAY['stop', 'stop', 'stop', 'stop', 'stop', 'stop', 'inspection', 'survey'])[1 + n % 8] AS fact,
        CASE WHEN n % 8 < 3 THEN 'punctuality' WHEN n % 8 < 6 THEN 'not_missed' WHEN n % 8 = 7 THEN 'satisfaction'
            ELSE (ARRAY['site:road', 'site:estate', 'site:market', 'site:public_toilet', 'site:square_park'])[1 + n / 8 % 5]
        END AS kind) AS what;
INSERT INTO evaluation.kind_sum (period, area_id, kind, n, total, squares)
SELECT period, area_id, kind, count(*), sum(value_e4), sum(value_e4::bigint * value_e4)
FROM evaluation.observation WHERE period = (date '2021-01-01' + interval '1 month' * (:month - 1))::date
GROUP BY period, area_id, kind;
UPDATE evaluation.change_counter SET seq = :month * 200000;
