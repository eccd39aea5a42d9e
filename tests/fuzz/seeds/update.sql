INSERT INTO dp_schemas VALUES ('a', NULL, '', 'CREATE TABLE t (n);', now(), now(), NULL);
INSERT INTO dp_questions VALUES (16, 'a', 'Odd', 'medium', 'T', '', 'SELECT n FROM t', NULL, now(), now(), NULL);
UPDATE dp_questions SET solution_video = 'https://example.org/v', difficulty = 'hard' WHERE question_id = 16 AND type = 'Odd';
UPDATE ONLY dp_schemas SET picture = NULL, description = 'x' RETURNING *;
