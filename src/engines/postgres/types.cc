#include "engines/postgres/types.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace paddock::engines::postgres {
namespace {

using sql::CellType;

struct BuiltIn {
  std::uint32_t oid;
  std::string_view name;
  CellType cell_type;
};

// By OID. An array's name begins with an underscore in the catalog; readers know it as "int4[]".
constexpr std::array kBuiltIn{
    BuiltIn{16, "bool", CellType::kBoolean},
    BuiltIn{17, "bytea", CellType::kBytes},
    BuiltIn{18, "char", CellType::kText},
    BuiltIn{19, "name", CellType::kText},
    BuiltIn{20, "int8", CellType::kInteger},
    BuiltIn{21, "int2", CellType::kInteger},
    BuiltIn{22, "int2vector", CellType::kOther},
    BuiltIn{23, "int4", CellType::kInteger},
    BuiltIn{24, "regproc", CellType::kText},
    BuiltIn{25, "text", CellType::kText},
    BuiltIn{26, "oid", CellType::kInteger},
    BuiltIn{27, "tid", CellType::kOther},
    BuiltIn{28, "xid", CellType::kInteger},
    BuiltIn{29, "cid", CellType::kInteger},
    BuiltIn{30, "oidvector", CellType::kOther},
    BuiltIn{114, "json", CellType::kOther},
    BuiltIn{142, "xml", CellType::kOther},
    BuiltIn{194, "pg_node_tree", CellType::kOther},
    BuiltIn{199, "json[]", CellType::kOther},
    BuiltIn{600, "point", CellType::kOther},
    BuiltIn{601, "lseg", CellType::kOther},
    BuiltIn{602, "path", CellType::kOther},
    BuiltIn{603, "box", CellType::kOther},
    BuiltIn{604, "polygon", CellType::kOther},
    BuiltIn{628, "line", CellType::kOther},
    BuiltIn{650, "cidr", CellType::kOther},
    BuiltIn{700, "float4", CellType::kReal},
    BuiltIn{701, "float8", CellType::kReal},
    BuiltIn{705, "unknown", CellType::kText},
    BuiltIn{718, "circle", CellType::kOther},
    BuiltIn{774, "macaddr8", CellType::kOther},
    BuiltIn{790, "money", CellType::kOther},
    BuiltIn{829, "macaddr", CellType::kOther},
    BuiltIn{869, "inet", CellType::kOther},
    BuiltIn{1000, "bool[]", CellType::kOther},
    BuiltIn{1001, "bytea[]", CellType::kOther},
    BuiltIn{1002, "char[]", CellType::kOther},
    BuiltIn{1003, "name[]", CellType::kOther},
    BuiltIn{1005, "int2[]", CellType::kOther},
    BuiltIn{1007, "int4[]", CellType::kOther},
    BuiltIn{1009, "text[]", CellType::kOther},
    BuiltIn{1014, "bpchar[]", CellType::kOther},
    BuiltIn{1015, "varchar[]", CellType::kOther},
    BuiltIn{1016, "int8[]", CellType::kOther},
    BuiltIn{1021, "float4[]", CellType::kOther},
    BuiltIn{1022, "float8[]", CellType::kOther},
    BuiltIn{1028, "oid[]", CellType::kOther},
    BuiltIn{1033, "aclitem", CellType::kOther},
    BuiltIn{1034, "aclitem[]", CellType::kOther},
    BuiltIn{1042, "bpchar", CellType::kText},
    BuiltIn{1043, "varchar", CellType::kText},
    BuiltIn{1082, "date", CellType::kTime},
    BuiltIn{1083, "time", CellType::kTime},
    BuiltIn{1114, "timestamp", CellType::kTime},
    BuiltIn{1115, "timestamp[]", CellType::kOther},
    BuiltIn{1182, "date[]", CellType::kOther},
    BuiltIn{1184, "timestamptz", CellType::kTime},
    BuiltIn{1185, "timestamptz[]", CellType::kOther},
    BuiltIn{1186, "interval", CellType::kTime},
    BuiltIn{1231, "numeric[]", CellType::kOther},
    BuiltIn{1266, "timetz", CellType::kTime},
    BuiltIn{1560, "bit", CellType::kOther},
    BuiltIn{1562, "varbit", CellType::kOther},
    BuiltIn{1700, "numeric", CellType::kDecimal},
    BuiltIn{1790, "refcursor", CellType::kText},
    BuiltIn{2202, "regprocedure", CellType::kText},
    BuiltIn{2205, "regclass", CellType::kText},
    BuiltIn{2206, "regtype", CellType::kText},
    BuiltIn{2249, "record", CellType::kOther},
    BuiltIn{2278, "void", CellType::kText},
    BuiltIn{2287, "record[]", CellType::kOther},
    BuiltIn{2950, "uuid", CellType::kText},
    BuiltIn{2951, "uuid[]", CellType::kOther},
    BuiltIn{3220, "pg_lsn", CellType::kOther},
    BuiltIn{3614, "tsvector", CellType::kOther},
    BuiltIn{3615, "tsquery", CellType::kOther},
    BuiltIn{3802, "jsonb", CellType::kOther},
    BuiltIn{3807, "jsonb[]", CellType::kOther},
    BuiltIn{3904, "int4range", CellType::kOther},
    BuiltIn{3906, "numrange", CellType::kOther},
    BuiltIn{3908, "tsrange", CellType::kOther},
    BuiltIn{3910, "tstzrange", CellType::kOther},
    BuiltIn{3912, "daterange", CellType::kOther},
    BuiltIn{3926, "int8range", CellType::kOther},
    BuiltIn{4072, "jsonpath", CellType::kOther},
    BuiltIn{4089, "regnamespace", CellType::kText},
    BuiltIn{4096, "regrole", CellType::kText},
    BuiltIn{5069, "xid8", CellType::kInteger},
};
static_assert(std::ranges::is_sorted(kBuiltIn, {}, &BuiltIn::oid));

// "varchar(20)", "numeric(10,2)": as it is declared.
std::string WithModifier(const BuiltIn& type, std::int32_t modifier) {
  constexpr std::int32_t kHeader = 4;  // what the lengths of these types have on top
  constexpr std::int32_t kScaleMask = 0x7ff;
  std::string name(type.name);
  if (modifier < kHeader) {
    return name;
  }
  const std::int32_t value = modifier - kHeader;
  if (type.name == "varchar" || type.name == "bpchar") {
    return fmt::format("{}({})", name, value);
  }
  if (type.name == "numeric") {
    // The scale is a number of eleven bits with a sign.
    const std::int32_t scale = ((value & kScaleMask) ^ 1024) - 1024;
    return fmt::format("{}({},{})", name, (value >> 16) & 0xffff, scale);
  }
  return name;
}

CellType OfCategory(std::string_view category) {
  return category == "E" || category == "S" ? CellType::kText : CellType::kOther;
}

}  // namespace

void TypeNames::Learn(const sql::AnswerTable& answer) {
  learnt_.clear();
  for (const sql::AnswerRow& row : answer.rows()) {
    const std::string_view number = row.Text(0);
    std::uint32_t oid = 0;
    std::from_chars(number.data(), number.data() + number.size(), oid);
    std::string name = row.String(1);
    if (row.Text(2) == "A" && name.starts_with('_')) {
      name = name.substr(1) + "[]";
    }
    learnt_[oid] = {.name = std::move(name), .cell_type = OfCategory(row.Text(2))};
  }
}

sql::Column TypeNames::Describe(const FieldDescription& field) const {
  const auto built_in = std::ranges::lower_bound(kBuiltIn, field.type, {}, &BuiltIn::oid);
  if (built_in != kBuiltIn.end() && built_in->oid == field.type) {
    return {.name = field.name,
            .type = WithModifier(*built_in, field.modifier),
            .cell_type = built_in->cell_type};
  }
  const auto learnt = learnt_.find(field.type);
  if (learnt != learnt_.end()) {
    return {.name = field.name, .type = learnt->second.name, .cell_type = learnt->second.cell_type};
  }
  return {.name = field.name};
}

std::vector<sql::Column> TypeNames::Describe(const std::vector<FieldDescription>& fields) const {
  std::vector<sql::Column> columns;
  columns.reserve(fields.size());
  for (const FieldDescription& field : fields) {
    columns.push_back(Describe(field));
  }
  return columns;
}

}  // namespace paddock::engines::postgres
