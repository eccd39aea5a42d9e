// Kinds of columns, as the workbench tells them apart.

import type { ColumnKind } from "../../protocol/sql.js";

export const isNumber = (kind: ColumnKind): boolean => kind === "integer" || kind === "real" || kind === "decimal";
