// The list of questions as this tab showed it last: where "all questions" leads back to.

export const list_key = "paddock.questions";
