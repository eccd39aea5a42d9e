BEGIN;
INSERT INTO dp_schemas (schema_id, picture, description, initial_sql) VALUES
  ('bikes', NULL, 'Bicycles', 'CREATE TABLE bikes (id INTEGER, name TEXT);
INSERT INTO bikes VALUES (1, ''red'');');
INSERT INTO public.dp_questions (schema_id, type, difficulty, title, description, answer, solution_video) VALUES
  ('bikes', 'Basics', 'easy'::dp_difficulty, 'All bikes', E'Show\nall', 'SELECT * FROM bikes', NULL),
  ('bikes', 'Basics', 'hard', $$It's hard$$, '', 'SELECT 1;', 'https://example.org/v');
COMMIT;
