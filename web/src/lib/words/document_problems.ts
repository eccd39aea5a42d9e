// What the server says is wrong with the document of a question or of its database: each of its
// sentences, in every language.
//
// The English ones are the server's own words. {a} and {b} stand for what it puts there: numbers,
// names of fields, what the database says, or one of the terms below.

import type { Message } from "../messages.js";

export const document_problems = [
  // Of its form.
  { en: "is no UTF-8: save the file in that encoding", zh: "不是 UTF-8：请用该编码保存文件" },
  { en: "not readable as YAML", zh: "无法按 YAML 读取" },
  { en: "aliases (*name) are not allowed", zh: "不允许使用别名（*name）" },
  { en: "tags (!name) and anchors (&name) are not allowed", zh: "不允许使用标签（!name）和锚点（&name）" },
  { en: "a key must be plain text", zh: "键必须是普通文字" },
  { en: "contains a zero byte", zh: "含有空字节" },
  { en: "longer than {a} bytes", zh: "超过 {a} 字节" },
  { en: "is empty", zh: "为空" },
  { en: "the lines of this block are not indented alike", zh: "这一文本块的各行缩进不一致" },
  { en: "unknown field (known are {a})", zh: "未知字段（可用字段：{a}）" },
  { en: "must be a map of fields", zh: "应为由字段组成的映射" },
  { en: "must be a list", zh: "应为列表" },
  { en: "must be a map", zh: "应为映射" },
  { en: "must be text", zh: "应为文字" },
  { en: "must be a whole number", zh: "应为整数" },
  { en: "must be a query", zh: "应为一条查询" },
  { en: "must be one line", zh: "只能有一行" },
  { en: "must not be empty", zh: "不能为空" },
  { en: "must be UTF-8 without a zero byte", zh: "应为不含空字节的 UTF-8 文字" },
  { en: "is longer than {a} bytes", zh: "超过 {a} 字节" },
  { en: "has more than {a} items", zh: "超过 {a} 项" },
  { en: "is missing", zh: "缺失" },
  // Of its fields.
  { en: "must be 1 to 64 of a-z, 0-9 and -", zh: "应由 1 到 64 个 a-z、0-9 和 - 组成" },
  { en: "must be an https:// address of at most {a} bytes", zh: "应为最多 {a} 字节的 https:// 地址" },
  { en: "must be a number from 0 to below 1", zh: "应为不小于 0 且小于 1 的数" },
  { en: "must be from {a} to {b}", zh: "应在 {a} 到 {b} 之间" },
  { en: "must be true or false", zh: "应为 true 或 false" },
  { en: "must be one of {a}", zh: "应为其中之一：{a}" },
  { en: "must be easy, medium or hard", zh: "应为 easy、medium 或 hard" },
  { en: "must be sqlite, postgres or mariadb", zh: "应为 sqlite、postgres 或 mariadb" },
  { en: "must be everyone, accounts, teachers or class: and its id", zh: "应为 everyone、accounts、teachers，或 class: 加班级编号" },
  { en: "must be the id of a schema", zh: "应为数据库的编号" },
  { en: "there is no schema '{a}'", zh: "没有名为“{a}”的数据库" },
  { en: "is {a} and stays it", zh: "现为 {a}，不能更改" },
  { en: "and {a} exclude each other", zh: "与 {a} 不能同时使用" },
  { en: "names a file: write its text as {a}", zh: "指定了文件：请把内容直接写在 {a} 中" },
  { en: "names a file: write its text in {a}", zh: "指定了文件：请把内容直接写在 {a} 中" },
  { en: "needs the definitions of the schema", zh: "缺少数据库的定义" },
  { en: "needs the query of a right answer", zh: "缺少正确答案的查询" },
  { en: "knows YEAR, MONTH, DAY, IF, CONCAT, LEFT and RIGHT, in capitals", zh: "只支持大写的 YEAR、MONTH、DAY、IF、CONCAT、LEFT 和 RIGHT" },
  // Of what it does.
  {
    en: "{a} has no LEFT( and RIGHT( in its grammar: run this question on MariaDB, or use substr",
    zh: "{a} 的语法中没有 LEFT( 和 RIGHT(：请让本题在 MariaDB 上运行，或改用 substr",
  },
  { en: "fails on {a}: {b}", zh: "在{a}上执行失败：{b}" },
  { en: "is cut short on {a} by {b}", zh: "在{a}上因{b}被截断" },
  {
    en: "is not deterministic: the same query may give another result next time",
    zh: "结果不确定：同一查询下次可能给出不同结果",
  },
  {
    en: "gives no result to compare; of a task that changes data, say in `check` what shows it",
    zh: "没有可供比较的结果；修改数据的题目请在 check 中写明用什么查询检查",
  },
  { en: "disagrees with references[0] on {a}: {b}", zh: "在{a}上与 references[0] 不一致：{b}" },
  { en: "is right on every dataset: add one on which it is not", zh: "在所有数据集上都正确：请添加一个使其出错的数据集" },
] as const satisfies readonly Message[];

/** What the server puts into those, where it has words of its own for it. */
export const document_terms = [
  { en: "the visible dataset", zh: "可见数据集" },
  { en: "hidden dataset {a}", zh: "隐藏数据集 {a}" },
  { en: "the limit of time", zh: "时间限制" },
  { en: "the limit of rows", zh: "行数限制" },
  { en: "the limit of bytes", zh: "字节数限制" },
  { en: "the limit of a value's size", zh: "单个值的大小限制" },
  { en: "the limit of memory", zh: "内存限制" },
  { en: "the limit of results", zh: "结果集数量限制" },
  { en: "no_result", zh: "没有返回表" },
  { en: "column_count", zh: "列数不同" },
  { en: "column_names", zh: "列名不同" },
  { en: "column_order", zh: "列的顺序不同" },
  { en: "row_count", zh: "行数不同" },
  { en: "row_order", zh: "行的顺序不同" },
  { en: "rounding", zh: "舍入不同" },
  { en: "cells", zh: "值不同" },
  { en: "state", zh: "执行后的数据不同" },
] as const satisfies readonly Message[];
