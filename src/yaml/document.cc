#include "yaml/document.h"

#include <libfyaml.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"

namespace paddock::yaml {
namespace {

using Diagnostics = std::unique_ptr<fy_diag, decltype(&fy_diag_destroy)>;
using Document = std::unique_ptr<fy_document, decltype(&fy_document_destroy)>;

std::unexpected<Error> FailAt(std::string_view file_name, int line, std::string_view message) {
  return Fail(Code::kInvalid, fmt::format("{}:{}: {}", file_name, line, message));
}

int LineOf(fy_token* token, int otherwise) {
  const fy_mark* mark = token == nullptr ? nullptr : fy_token_start_mark(token);
  return mark == nullptr ? otherwise : mark->line + 1;
}

// Turns the library's tree into ours. `line` is that of the enclosing key: lists and maps do not
// remember where they start.
class Reader {
 public:
  explicit Reader(std::string_view file_name) : file_name_(file_name) {}

  [[nodiscard]] Result<Node> Read(fy_node* from, int line) const {
    if (from != nullptr && fy_node_is_alias(from)) {
      return FailAt(file_name_, line, "aliases (*name) are not allowed");
    }
    if (from != nullptr && (fy_node_get_tag_token(from) != nullptr || HasAnchor(from))) {
      return FailAt(file_name_, line, "tags (!name) and anchors (&name) are not allowed");
    }
    switch (fy_node_get_type(from)) {
      case FYNT_SCALAR:
        if (!IsWhole(from)) {
          return FailAt(file_name_, LineOf(fy_node_get_scalar_token(from), line),
                        "the lines of this block are not indented alike");
        }
        return ReadScalar(from, line);
      case FYNT_SEQUENCE: return ReadList(from, line);
      case FYNT_MAPPING: return ReadMap(from, line);
    }
    return FailAt(file_name_, line, "unknown kind of value");
  }

 private:
  static bool HasAnchor(fy_node* node) { return fy_node_get_anchor(node) != nullptr; }

  // Of blocks that are indented oddly, libfyaml 0.7 counts another length than it writes, and gives
  // memory that nobody has written.
  static bool IsWhole(fy_node* from) {
    fy_token* token = fy_node_get_scalar_token(from);
    const auto style = token == nullptr ? FYSS_PLAIN : fy_token_scalar_style(token);
    if (style != FYSS_LITERAL && style != FYSS_FOLDED) {
      return true;
    }
    const std::size_t length = fy_token_get_text_length(token);
    const std::unique_ptr<fy_token_iter, decltype(&fy_token_iter_destroy)> reader(
        fy_token_iter_create(token), &fy_token_iter_destroy);
    PADDOCK_CHECK(reader != nullptr);
    std::string text(length + 1, '\0');
    const auto count = fy_token_iter_read(reader.get(), text.data(), text.size());
    return count >= 0 && static_cast<std::size_t>(count) == length;
  }

  static Node ReadScalar(fy_node* from, int line) {
    Node node;
    node.line = line;
    if (from == nullptr) {
      return node;
    }
    std::size_t length = 0;
    const char* text = fy_node_get_scalar(from, &length);
    node.scalar = text == nullptr ? std::string() : std::string(text, length);
    fy_token* token = fy_node_get_scalar_token(from);
    node.line = LineOf(token, line);
    node.is_quoted = token != nullptr && fy_token_scalar_style(token) != FYSS_PLAIN;
    return node;
  }

  [[nodiscard]] Result<Node> ReadList(fy_node* from, int line) const {
    Node node;
    node.kind = Node::Kind::kList;
    node.line = line;
    void* position = nullptr;
    while (fy_node* item = fy_node_sequence_iterate(from, &position)) {
      auto read = Read(item, line);
      if (!read) {
        return read;
      }
      line = read->line;
      if (node.items.empty()) {
        node.line = line;
      }
      node.items.push_back(*std::move(read));
    }
    return node;
  }

  [[nodiscard]] Result<Node> ReadMap(fy_node* from, int line) const {
    Node node;
    node.kind = Node::Kind::kMap;
    node.line = line;
    void* position = nullptr;
    while (fy_node_pair* pair = fy_node_mapping_iterate(from, &position)) {
      fy_node* key_node = fy_node_pair_key(pair);
      if (key_node == nullptr || !fy_node_is_scalar(key_node) || fy_node_is_alias(key_node)) {
        return FailAt(file_name_, line, "a key must be plain text");
      }
      const Node key = ReadScalar(key_node, line);
      if (node.entries.empty()) {
        node.line = key.line;
      }
      auto value = Read(fy_node_pair_value(pair), key.line);
      if (!value) {
        return value;
      }
      node.entries.push_back({.key = key.scalar, .line = key.line, .value = *std::move(value)});
    }
    return node;
  }

  std::string_view file_name_;
};

std::unexpected<Error> FirstError(fy_diag* diagnostics, std::string_view file_name) {
  void* position = nullptr;
  const fy_diag_error* error = fy_diag_errors_iterate(diagnostics, &position);
  if (error == nullptr) {
    return FailAt(file_name, 1, "not readable as YAML");
  }
  return FailAt(file_name, error->line, error->msg);
}

}  // namespace

const Node* Node::Find(std::string_view key) const noexcept {
  for (const Entry& entry : entries) {
    if (entry.key == key) {
      return &entry.value;
    }
  }
  return nullptr;
}

Result<Node> Parse(std::string_view text, std::string_view file_name) {
  if (text.size() > kDocumentSizeMax.count) {
    return FailAt(file_name, 1, fmt::format("longer than {} bytes", kDocumentSizeMax.count));
  }
  if (text.find('\0') != std::string_view::npos) {
    return FailAt(file_name, 1, "contains a zero byte");
  }
  fy_diag_cfg diag_config{};
  diag_config.level = FYET_ERROR;
  diag_config.module_mask = ~0U;
  const Diagnostics diagnostics(fy_diag_create(&diag_config), &fy_diag_destroy);
  PADDOCK_CHECK(diagnostics != nullptr);
  fy_diag_set_collect_errors(diagnostics.get(), true);

  fy_parse_cfg config{};
  config.flags = FYPCF_QUIET;
  config.diag = diagnostics.get();
  const Document document(fy_document_build_from_string(&config, text.data(), text.size()),
                          &fy_document_destroy);
  if (document == nullptr) {
    return FirstError(diagnostics.get(), file_name);
  }
  fy_node* root = fy_document_root(document.get());
  if (root == nullptr) {
    return FailAt(file_name, 1, "is empty");
  }
  return Reader(file_name).Read(root, 1);
}

}  // namespace paddock::yaml
