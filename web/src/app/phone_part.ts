// The parts of a workspace of which a phone shows one at a time.

export type PhonePart = "terminal" | "files" | "editor";
