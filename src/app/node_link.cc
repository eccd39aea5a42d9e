#include "app/node_link.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/listen_address.h"
#include "certs/certificate.h"

namespace paddock::app {
namespace {

struct Part {
  std::string_view flag;
  bool is_given;
};

std::vector<Part> FilesOf(const NodeLink& link) {
  return {{.flag = "--node-certificate", .is_given = !link.certificate.empty()},
          {.flag = "--node-key", .is_given = !link.key.empty()},
          {.flag = "--node-ca", .is_given = !link.authority.empty()}};
}

/// True when all is said, false when nothing is.
Result<bool> IsComplete(const std::vector<Part>& parts) {
  std::vector<std::string_view> given;
  std::vector<std::string_view> missing;
  for (const Part& part : parts) {
    (part.is_given ? given : missing).push_back(part.flag);
  }
  if (!given.empty() && !missing.empty()) {
    return Fail(Code::kInvalid,
                fmt::format("{} without {}: server and node on two hosts need all of them "
                            "(docs/split.md), on one host none",
                            fmt::join(given, ", "), fmt::join(missing, ", ")));
  }
  return missing.empty();
}

/// Port 0 is any that is free, for who listens.
Result<void> CheckListen(std::string_view text) {
  const auto parsed = ParseListenAddress(text);
  if (!parsed || text.starts_with(':')) {
    return Fail(Code::kInvalid, "must be ADDRESS:PORT");
  }
  return {};
}

Result<void> CheckNode(std::string_view text) {
  const auto colon = std::min(text.rfind(':'), text.size());
  auto host = text.substr(0, colon);
  const auto digits = text.substr(std::min(colon + 1, text.size()));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return Fail(Code::kInvalid, "write [ADDRESS]:PORT for IPv6");
  }
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failed != std::errc() || end != digits.data() + digits.size() || port == 0 ||
      !certs::CheckHost(host)) {
    return Fail(Code::kInvalid, "must be HOST:PORT");
  }
  return {};
}

certs::TlsFiles TlsFilesOf(const NodeLink& link) {
  return {.certificate = link.certificate, .key = link.key, .authority = link.authority};
}

}  // namespace

void DeclareNodeLink(config::OptionSet& set, NodeLink& link) {
  constexpr auto kGroup = "Server and node on two hosts";
  set.Begin(kGroup, config::Process::kServer);
  auto& node = set.Text("node", link.node, "use the node of another host, and start none here");
  node.form = "HOST:PORT";
  node.example = "node.example:3007";
  node.check = CheckNode;
  set.Begin(kGroup, config::Process::kNode);
  auto& listen = set.Text("node-listen", link.listen, "where the node lets other hosts in");
  listen.form = "ADDRESS:PORT";
  listen.example = "10.0.0.5:3007";
  listen.check = CheckListen;
  auto& clients =
      set.List("node-clients", link.clients, "servers that may use it, as their certificates say");
  clients.form = "NAME,NAME";
  clients.example = "web";
  set.Begin(kGroup, config::Process::kBoth);
  const auto add_file = [&set](const char* name, std::string& field, const char* example,
                               const char* meaning) {
    auto& file = set.Text(name, field, meaning);
    file.form = "FILE";
    file.example = example;
  };
  add_file("node-certificate", link.certificate, "/etc/paddock/web.pem",
           "PEM file with the certificate of this side");
  add_file("node-key", link.key, "/etc/paddock/web.key", "PEM file with its key");
  add_file("node-ca", link.authority, "/etc/paddock/ca.pem",
           "PEM file with the authority of both sides");
}

Result<std::optional<rpc::RemoteAccess>> RemoteAccessOf(const NodeLink& link) {
  auto parts = FilesOf(link);
  parts.push_back({.flag = "--node-listen", .is_given = !link.listen.empty()});
  parts.push_back({.flag = "--node-clients", .is_given = !link.clients.empty()});
  auto complete = IsComplete(parts);
  if (!complete) {
    return Fail(std::move(complete).error());
  }
  if (!*complete) {
    return std::nullopt;
  }
  return rpc::RemoteAccess{
      .address = link.listen, .files = TlsFilesOf(link), .clients = link.clients};
}

Result<std::optional<rpc::RemoteNode>> RemoteNodeOf(const NodeLink& link) {
  auto parts = FilesOf(link);
  parts.push_back({.flag = "--node", .is_given = !link.node.empty()});
  auto complete = IsComplete(parts);
  if (!complete) {
    return Fail(std::move(complete).error());
  }
  if (!*complete) {
    return std::nullopt;
  }
  return rpc::RemoteNode{.address = link.node, .files = TlsFilesOf(link)};
}

}  // namespace paddock::app
