/* /* nested */ */ DELETE FROM dp_questions;
INSERT INTO "dp_schemas" ("schema_id") OVERRIDING SYSTEM VALUE VALUES ('a'), ('b' 'c') ON CONFLICT (schema_id) DO NOTHING;
INSERT INTO dp_questions SELECT * FROM old;
WITH x AS (SELECT 1) UPDATE dp_questions SET title = upper('x') WHERE question_id > 1;
COPY dp_questions FROM stdin;
