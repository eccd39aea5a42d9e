CREATE TABLE houses (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  crop TEXT
);
CREATE TABLE sensors (
  id INTEGER PRIMARY KEY,
  house_id INTEGER REFERENCES houses (id),
  kind TEXT NOT NULL,
  unit TEXT NOT NULL,
  installed_on TEXT NOT NULL
);
CREATE TABLE readings (
  id INTEGER PRIMARY KEY,
  sensor_id INTEGER NOT NULL REFERENCES sensors (id),
  at TEXT NOT NULL,
  value REAL
);
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  sensor_id INTEGER NOT NULL REFERENCES sensors (id),
  raised_at TEXT NOT NULL,
  cleared_at TEXT,
  severity TEXT NOT NULL
);
