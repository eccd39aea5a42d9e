-- Books without copies or authors, two loans on one day, a loan over New Year, titles in odd case.
INSERT INTO authors (id, name, born) VALUES (1, 'Q', NULL), (2, 'R', 1900), (3, 'S', 1900), (4, 'Q', 1950);
INSERT INTO books (id, title, genre, published, pages) VALUES
  (1, 'SEA', 'Novel', 2000, 100), (2, 'nausea', 'Poetry', 2000, 300), (3, 'Sand', 'Science', NULL, NULL),
  (4, 'Sea', 'Science', 1999, 300), (5, 'Orphan', 'Essay', NULL, 10), (6, 'Base', 'Poetry', 2000, 300),
  (7, 'SEA', 'Novel', 2001, 120);
INSERT INTO book_authors (book_id, author_id) VALUES (1, 2), (2, 2), (2, 3), (3, 2), (4, 1), (4, 3), (7, 4);
INSERT INTO copies (id, book_id, shelf) VALUES (1, 1, NULL), (2, 1, 'X'), (3, 2, 'X'), (4, 3, 'Y'), (5, 4, 'Y'), (6, 6, NULL), (7, 7, 'X');
INSERT INTO members (id, first_name, last_name, joined_on) VALUES
  (1, 'Ö', 'Ä', '2023-01-01'), (2, 'B', 'a', '2023-01-01'), (3, 'C', 'B', '2023-05-01'), (4, 'D', 'B', '2024-06-30'), (5, 'A', 'B', '2024-01-01');
INSERT INTO loans (id, copy_id, member_id, lent_on, due_on, returned_on) VALUES
  (10, 1, 1, '2023-12-20', '2024-01-10', '2024-01-10'), (9, 3, 1, '2023-12-20', '2024-01-10', '2024-01-11'),
  (11, 4, 1, '2024-02-28', '2024-03-20', '2024-03-01'), (12, 1, 2, '2024-03-01', '2024-03-22', NULL),
  (13, 3, 2, '2024-03-01', '2024-03-22', '2024-03-02'), (14, 5, 3, '2024-06-09', '2024-06-30', NULL),
  (15, 7, 3, '2024-06-08', '2024-06-29', NULL), (16, 3, 3, '2024-06-30', '2024-07-21', NULL),
  (17, 5, 1, '2023-11-01', '2023-11-22', '2023-11-22'), (18, 4, 2, '2024-03-05', '2024-03-26', '2024-03-05'),
  (19, 2, 5, '2024-06-01', '2024-06-22', '2024-06-30');
INSERT INTO members (id, first_name, last_name, joined_on) VALUES
  (6, 'Ida', 'Berg', '2024-05-01'), (7, 'Jon', 'Berg', '2024-04-30'), (8, 'Kai', 'Berg', '2020-02-02');
INSERT INTO copies (id, book_id, shelf) VALUES (8, 1, NULL), (9, 2, 'X');
INSERT INTO loans (id, copy_id, member_id, lent_on, due_on, returned_on) VALUES
  (20, 9, 8, '2024-01-02', '2024-01-23', NULL), (21, 8, 7, '2024-01-03', '2024-01-24', '2024-01-05');
