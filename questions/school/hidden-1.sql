-- Ties in grades, a course that everybody waits for, a chain with a diamond, a student of no course.
INSERT INTO teachers (id, name) VALUES (1, 'T'), (2, 'U'), (3, 'U');
INSERT INTO courses (id, title, teacher_id, credits, core) VALUES
  (1, 'Core A', 1, 3, 1), (2, 'Core B', 1, 3, 1), (3, 'Databases II', 2, 9, 0), (4, 'Root', NULL, 1, 0),
  (5, 'Left', 2, 1, 0), (6, 'Right', 3, 1, 0), (7, 'Mathematics', NULL, 1, 0), (8, 'Waiting', 3, 2, 0);
INSERT INTO prerequisites (course_id, needs_id) VALUES (3, 5), (3, 6), (5, 4), (6, 4), (4, 7), (8, 3);
INSERT INTO students (id, name, born_on, mentor_id) VALUES
  (1, 'One', '2000-06-30', NULL), (2, 'Two', '2000-07-01', 1), (3, 'Three', '2000-06-29', 2), (4, 'Two', '1990-01-01', 2),
  (5, 'Five', '2004-02-29', 4);
INSERT INTO enrollments (student_id, course_id, term, grade) VALUES
  (1, 1, 'A', 60), (1, 2, 'A', 60), (1, 7, 'A', 80), (2, 1, 'A', 60), (2, 2, 'A', 59), (2, 2, 'B', 61), (2, 7, 'A', 80),
  (3, 1, 'A', 100), (3, 1, 'B', 100), (3, 7, 'A', 40), (4, 2, 'A', NULL), (4, 1, 'A', 90), (4, 8, 'A', NULL),
  (3, 8, 'A', NULL), (1, 3, 'B', 0), (4, 3, 'B', 100), (2, 3, 'B', 50), (3, 3, 'B', 51);
