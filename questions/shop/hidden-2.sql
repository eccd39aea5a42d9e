-- Nearly nothing: one of each, so that whoever names values of the visible data is found out.
INSERT INTO categories (id, name, parent_id) VALUES (1, 'Tea', NULL), (2, 'Herbs', NULL), (3, 'Mint', 2);
INSERT INTO products (id, name, category_id, price, stock, discontinued) VALUES
  (1, 'Mint', 3, 3.00, 0, 0), (2, 'Sage', 2, 3.00, 9, 0), (3, 'Tea dust', 1, 20.00, 1, 1),
  (4, 'Dear tea', 1, 50.00, 1, 0);
INSERT INTO customers (id, name, city, email, joined_on) VALUES
  (1, 'Solo', 'Ur', NULL, '2021-01-01'), (2, 'Duo', 'Ur', 'd@example.org', '2020-01-01');
INSERT INTO orders (id, customer_id, ordered_on, status) VALUES
  (1, 1, '2021-02-01', 'paid'), (2, 1, '2021-02-02', 'paid'), (3, 1, '2021-02-03', 'open'), (4, 2, '2021-04-01', 'open');
INSERT INTO order_items (order_id, product_id, quantity, unit_price) VALUES
  (1, 1, 1, 3.00), (1, 2, 1, 3.00), (2, 1, 1, 2.50), (2, 2, 2, 3.00), (3, 2, 1, 3.00), (3, 4, 1, 50.00);
