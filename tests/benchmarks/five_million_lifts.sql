-- 5 million lifts of 420 days by 600 trucks in 215 subdistricts, 200,000 tickets, as the gateway would have added them up.
INSERT INTO city_lift
SELECT 'T-' || n % 600, timestamptz '2025-10-01' + n * interval '7.25 seconds', 'L' || n, 20 + n % 60,
    (ARRAY['residual', 'food', 'recyclable', 'hazardous', 'bulky'])[1 + n % 600 % 5], ((310101 + n % 600 % 215 % 16) * 1000 + n % 600 % 215 / 16)::text,
    'C-' || n % 600 % 6
FROM generate_series(0, 4999999) n;

INSERT INTO city_tip
SELECT 'K' || n, 1, 'S-' || n % 8, NULL, 'T-' || n % 600, 'P' || n % 600, 'C-' || n % 600 % 6,
    ((310101 + n % 600 % 215 % 16) * 1000 + n % 600 % 215 / 16)::text, (ARRAY['residual', 'food', 'recyclable', 'hazardous', 'bulky'])[1 + n % 600 % 5], 'closed',
    1237, 'weighed', timestamptz '2025-10-01' + n * interval '181.25 seconds'
FROM generate_series(0, 199999) n;

INSERT INTO city_flow
SELECT 'day', (at AT TIME ZONE 'Asia/Shanghai')::date, 'lifted', stream, district_id, contractor_id, '', sum(net_kg), count(*)
FROM city_lift GROUP BY 2, 4, 5, 6;

INSERT INTO city_flow
SELECT 'day', (at AT TIME ZONE 'Asia/Shanghai')::date, stage, stream, district_id, contractor_id, site_id, sum(net_kg), count(*)
FROM city_tip, (VALUES ('tipped'), ('unloaded')) AS stages(stage) GROUP BY 2, 3, 4, 5, 6, 7;

INSERT INTO city_flow
SELECT longer, date_trunc(longer, period)::date, stage, stream, district_id, contractor_id, site_id, sum(net_kg), sum(facts)
FROM city_flow, (VALUES ('week'), ('month')) AS grains(longer) GROUP BY 1, 2, 3, 4, 5, 6, 7;

ANALYZE;
