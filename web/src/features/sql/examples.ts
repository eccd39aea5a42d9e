// A first text for a database in which there is nothing yet.

import type { SqlEngine } from "../../protocol/sql.js";

const rows = `INSERT INTO books (title, author, year) VALUES
  ('The Left Hand of Darkness', 'Ursula K. Le Guin', 1969),
  ('红楼梦', '曹雪芹', 1791),
  ('Invisible Cities', 'Italo Calvino', 1972);

SELECT * FROM books ORDER BY year;`;

const table = (id: string): string => `CREATE TABLE books (
  id ${id},
  title VARCHAR(200) NOT NULL,
  author VARCHAR(100) NOT NULL,
  year INTEGER
);

${rows}`;

export const examples: Readonly<Record<SqlEngine, string>> = {
  postgres: table("INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
  mariadb: `CREATE DATABASE IF NOT EXISTS library;\nUSE library;\n\n${table("INTEGER AUTO_INCREMENT PRIMARY KEY")}`,
  sqlite: table("INTEGER PRIMARY KEY"),
  kwdb: table("SERIAL PRIMARY KEY"),
};
