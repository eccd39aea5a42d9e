#include "app/remote_link.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/listen_address.h"
#include "base/log.h"
#include "certs/authority.h"
#include "certs/certificate.h"

namespace paddock::app {
namespace {

struct Part {
  std::string flag;
  bool is_given;
};

Part PartOf(const RemoteLink& link, std::string_view end, bool is_given) {
  return {.flag = fmt::format("--{}{}", link.name, end), .is_given = is_given};
}

std::vector<Part> FilesOf(const RemoteLink& link) {
  return {PartOf(link, "-certificate", !link.certificate.empty()),
          PartOf(link, "-key", !link.key.empty()), PartOf(link, "-ca", !link.authority.empty())};
}

std::vector<Part> PartsOfService(const RemoteLink& link) {
  auto parts = FilesOf(link);
  parts.push_back(PartOf(link, "-listen", !link.listen.empty()));
  parts.push_back(PartOf(link, "-clients", !link.clients.empty()));
  return parts;
}

std::vector<std::string_view> Missing(const std::vector<Part>& parts) {
  std::vector<std::string_view> missing;
  for (const Part& part : parts) {
    if (!part.is_given) {
      missing.emplace_back(part.flag);
    }
  }
  return missing;
}

/// True when all is said, false when nothing is.
Result<bool> IsComplete(const std::vector<Part>& parts) {
  const auto missing = Missing(parts);
  if (missing.empty() || missing.size() == parts.size()) {
    return missing.empty();
  }
  std::vector<std::string_view> given;
  for (const Part& part : parts) {
    if (part.is_given) {
      given.emplace_back(part.flag);
    }
  }
  return Fail(Code::kInvalid,
              fmt::format("{} without {}: a service and a server on two hosts need all of them "
                          "(docs/split.md), on one host none",
                          fmt::join(given, ", "), fmt::join(missing, ", ")));
}

/// Port 0 is any that is free, for who listens.
Result<void> CheckListen(std::string_view text) {
  const auto parsed = ParseListenAddress(text);
  if (!parsed || text.starts_with(':')) {
    return Fail(Code::kInvalid, "must be ADDRESS:PORT");
  }
  return {};
}

Result<void> CheckService(std::string_view text) {
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

certs::TlsFiles TlsFilesOf(const RemoteLink& link) {
  return {.certificate = link.certificate, .key = link.key, .authority = link.authority};
}

rpc::RemoteAccess AccessOf(const RemoteLink& link) {
  return {.address = link.listen,
          .files = TlsFilesOf(link),
          .clients = link.clients,
          .option = fmt::format("--{}-clients", link.name)};
}

void DeclareFiles(config::OptionSet& set, RemoteLink& link) {
  const auto add_file = [&](const char* end, std::string& field, const char* example,
                            const char* meaning) {
    auto& file = set.Text(link.name + end, field, meaning);
    file.form = "FILE";
    file.example = example;
  };
  add_file("-certificate", link.certificate, "/etc/paddock/web.pem",
           "PEM file with the certificate of this side");
  add_file("-key", link.key, "/etc/paddock/web.key", "PEM file with its key");
  add_file("-ca", link.authority, "/etc/paddock/ca.pem",
           "PEM file with the authority of both sides");
}

}  // namespace

void DeclareRemoteLink(config::OptionSet& set,
                       RemoteLink& link,
                       config::Process process,
                       LinkWords words) {
  set.Begin(words.group, config::Process::kServer);
  auto& address = set.Text(link.name, link.address, std::move(words.address));
  address.form = "HOST:PORT";
  address.example = fmt::format("{}.example:{}", link.name, words.port);
  address.check = CheckService;
  set.Begin(words.group, process);
  auto& listen = set.Text(link.name + "-listen", link.listen, std::move(words.listen));
  listen.form = "ADDRESS:PORT";
  listen.example = "10.0.0.5:" + words.port;
  listen.check = CheckListen;
  auto& clients = set.List(link.name + "-clients", link.clients,
                           "servers that may use it, as their certificates say");
  clients.form = "NAME,NAME";
  clients.example = "web";
  set.Begin(words.group, process | config::Process::kServer);
  DeclareFiles(set, link);
}

Result<std::optional<rpc::RemoteAccess>> RemoteAccessOf(const RemoteLink& link) {
  auto complete = IsComplete(PartsOfService(link));
  if (!complete) {
    return Fail(std::move(complete).error());
  }
  return *complete ? std::optional(AccessOf(link)) : std::nullopt;
}

Result<std::optional<rpc::RemoteService>> RemoteServiceOf(const RemoteLink& link) {
  auto parts = FilesOf(link);
  parts.push_back(PartOf(link, "", !link.address.empty()));
  auto complete = IsComplete(parts);
  if (!complete) {
    return Fail(std::move(complete).error());
  }
  if (!*complete) {
    return std::nullopt;
  }
  return rpc::RemoteService{.address = link.address, .files = TlsFilesOf(link)};
}

Result<rpc::RemoteAccess> RequiredAccessOf(const RemoteLink& link) {
  const auto parts = PartsOfService(link);
  const auto missing = Missing(parts);
  if (!missing.empty()) {
    return Fail(Code::kInvalid,
                fmt::format("{} missing: docs/split.md tells how to make certificates",
                            fmt::join(missing, ", ")));
  }
  return AccessOf(link);
}

Result<void> CheckRemoteService(const rpc::RemoteService& service, const std::string& user) {
  const auto now = std::chrono::system_clock::now();
  auto checked = certs::CheckFiles(service.files, certs::Role::kClient, now);
  if (!checked && checked.error().code == Code::kDenied) {
    checked.error().message +=
        fmt::format("\nThe server runs as '{}', who must be able to read it", user);
  }
  if (!checked) {
    return Fail(std::move(checked).error());
  }
  if (checked->not_after < now + certs::kRenewalDue) {
    log::Warn("{} expires soon: renew it", service.files.certificate);
  }
  return {};
}

}  // namespace paddock::app
