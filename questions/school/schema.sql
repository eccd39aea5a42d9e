CREATE TABLE teachers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL
);
CREATE TABLE courses (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  teacher_id INTEGER REFERENCES teachers (id),
  credits INTEGER NOT NULL,
  core INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE prerequisites (
  course_id INTEGER NOT NULL REFERENCES courses (id),
  needs_id INTEGER NOT NULL REFERENCES courses (id),
  PRIMARY KEY (course_id, needs_id)
);
CREATE TABLE students (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  born_on TEXT NOT NULL,
  mentor_id INTEGER REFERENCES students (id)
);
CREATE TABLE enrollments (
  student_id INTEGER NOT NULL REFERENCES students (id),
  course_id INTEGER NOT NULL REFERENCES courses (id),
  term TEXT NOT NULL,
  grade INTEGER,
  PRIMARY KEY (student_id, course_id, term)
);
