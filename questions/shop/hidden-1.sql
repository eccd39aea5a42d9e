-- Ties at every edge, a category that is three levels deep, orders of nobody, an order without items.
INSERT INTO categories (id, name, parent_id) VALUES
  (1, 'Tea', NULL), (2, 'White tea', 1), (3, 'Silver needle', 2), (4, 'Special picking', 3),
  (5, 'Coffee', NULL), (6, 'Empty', 5);
INSERT INTO products (id, name, category_id, price, stock, discontinued) VALUES
  (10, 'Bai Mu Dan', 2, 13.00, 0, 0), (11, 'bai cha', 2, 13.00, NULL, 0),
  (12, 'First flush', 3, 30.00, 0, 1), (13, 'Second flush', 3, 30.00, 4, 0),
  (14, 'Third flush', 4, 30.00, 4, 0), (15, 'Mocha', 5, 12.99, 7, 0),
  (16, 'Unpriced', 5, NULL, 0, 0), (17, 'Loose', NULL, 25.00, 1, 0),
  (18, 'Loose', NULL, 5.00, 1, 0), (19, 'Kopi', 5, 10.00, 2, 0);
INSERT INTO customers (id, name, city, email, joined_on) VALUES
  (1, 'Zoë', 'Gent', NULL, '2022-05-05'), (2, 'Yann', 'Gent', '', '2022-05-05'),
  (3, 'Xenia', NULL, 'x@example.org', '2022-12-31'), (4, 'Wu', 'gent', 'w@example.org', '2023-01-01'),
  (5, 'Zoë', NULL, NULL, '2023-01-02');
INSERT INTO orders (id, customer_id, ordered_on, status) VALUES
  (1, 1, '2023-12-31', 'paid'), (2, 1, '2024-01-01', 'paid'), (3, 1, '2024-01-01', 'shipped'),
  (4, 2, '2024-01-31', 'paid'), (5, 2, '2024-03-01', 'cancelled'), (6, 2, '2024-03-02', 'cancelled'),
  (7, NULL, '2024-03-02', 'paid'), (8, NULL, '2024-03-03', 'paid'), (9, NULL, '2024-03-04', 'open'),
  (10, 4, '2024-03-05', 'cancelled'), (11, 1, '2024-03-06', 'cancelled');
INSERT INTO order_items (order_id, product_id, quantity, unit_price) VALUES
  (1, 10, 3, 13.00), (1, 13, 1, 30.00), (2, 10, 1, 12.00), (2, 11, 4, 13.00), (2, 13, 1, 30.00),
  (3, 14, 2, 15.00), (3, 10, 1, 13.00), (3, 13, 1, 30.00), (4, 15, 2, 12.99), (4, 19, 2, 10.00),
  (5, 15, 5, 12.99), (7, 15, 1, 12.99), (7, 19, 1, 10.00), (8, 17, 1, 25.00), (8, 18, 1, 5.00),
  (10, 12, 1, 30.00);
