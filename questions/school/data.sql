INSERT INTO teachers (id, name) VALUES
  (1, 'Ms Achterberg'), (2, 'Mr Banerjee'), (3, '周老师'), (4, 'Dr Castellanos'), (5, 'Mr Dunn');
INSERT INTO courses (id, title, teacher_id, credits, core) VALUES
  (1, 'Mathematics', 1, 6, 1), (2, 'Physics', 2, 6, 1), (3, 'Writing', 3, 4, 1), (4, 'Databases I', 4, 5, 0),
  (5, 'Databases II', 4, 5, 0), (6, 'Statistics', 1, 4, 0), (7, 'Data Analysis', NULL, 6, 0), (8, 'Pottery', NULL, 2, 0),
  (9, 'Programming', 2, 6, 0);
INSERT INTO prerequisites (course_id, needs_id) VALUES (4, 9), (5, 4), (6, 1), (7, 6), (7, 5), (5, 1);
INSERT INTO students (id, name, born_on, mentor_id) VALUES
  (1, 'Aino Laine', '1999-02-14', NULL), (2, 'Bilal Khan', '2001-07-30', 1), (3, 'Chloé Martin', '2000-12-31', 1),
  (4, '邓丽', '2002-03-01', 3), (5, 'Eoin Byrne', '1998-09-09', NULL), (6, 'Fatou Diop', '2001-07-30', 5),
  (7, 'Giulia Conti', '2003-01-01', 2), (8, 'Henrik Dahl', '2000-06-15', 5), (9, 'Ilse Maes', '2002-11-23', 3),
  (10, 'Jonas Weiß', '1997-04-04', 5), (11, 'Kasia Wójcik', '2004-02-29', 7), (12, '林晓', '2003-08-18', 7);
INSERT INTO enrollments (student_id, course_id, term, grade) VALUES
  (1, 1, '2023A', 91), (1, 2, '2023A', 84), (1, 3, '2023B', 77), (1, 9, '2023A', 95), (1, 4, '2023B', 90), (1, 5, '2024A', 88),
  (2, 1, '2023A', 55), (2, 1, '2023B', 63), (2, 2, '2023B', 60), (2, 9, '2023B', 71),
  (3, 1, '2023A', 78), (3, 2, '2023A', 78), (3, 3, '2023A', 92), (3, 6, '2023B', 85), (3, 9, '2024A', NULL),
  (4, 1, '2023B', 100), (4, 6, '2024A', 97), (4, 9, '2023B', 88), (4, 4, '2024A', 93),
  (5, 2, '2023A', 42), (5, 3, '2023A', 59), (5, 9, '2023B', 60),
  (6, 1, '2023B', 84), (6, 3, '2023B', 66), (6, 2, '2024A', NULL),
  (7, 3, '2024A', NULL), (7, 9, '2024A', 79), (7, 1, '2024A', 69),
  (8, 1, '2023A', 84), (8, 2, '2023B', 90), (8, 3, '2023B', 81), (8, 4, '2024A', 73), (8, 9, '2023A', 82),
  (9, 9, '2023B', 95), (9, 4, '2024A', 90), (9, 1, '2024A', NULL),
  (11, 1, '2024A', 47), (11, 3, '2024A', 74);
