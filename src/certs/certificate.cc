#include "certs/certificate.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

namespace paddock::certs {
namespace {

constexpr std::size_t kNameLengthMax = 63;
constexpr std::size_t kHostLengthMax = 253;

bool IsLabelCharacter(char character) noexcept {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '-';
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kNameLengthMax && label.front() != '-' &&
         label.back() != '-' && std::ranges::all_of(label, IsLabelCharacter);
}

bool IsDnsName(std::string_view name) {
  if (name.empty() || name.size() > kHostLengthMax) {
    return false;
  }
  for (;;) {
    const auto dot = name.find('.');
    if (!IsLabel(name.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string_view Name(Role role) noexcept {
  switch (role) {
    case Role::kAuthority: return "authority";
    case Role::kServer: return "server";
    case Role::kClient: return "client";
    case Role::kOther: break;
  }
  return "other";
}

Result<void> CheckName(std::string_view name) {
  const bool is_lower =
      std::ranges::none_of(name, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
  if (name.size() > kNameLengthMax || !is_lower || !IsDnsName(name)) {
    return Fail(Code::kInvalid,
                fmt::format("'{}' cannot be a service's name: take up to {} lower-case letters, "
                            "digits, hyphens and dots",
                            name, kNameLengthMax));
  }
  if (name == "ca") {
    return Fail(Code::kInvalid, "'ca' is the authority's own name: choose another one");
  }
  return {};
}

bool IsAddress(std::string_view host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  const std::string text(host);
  return inet_pton(AF_INET, text.c_str(), ignored.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), ignored.data()) == 1;
}

Result<void> CheckHost(std::string_view host) {
  const auto name = host.starts_with("*.") ? host.substr(2) : host;
  if (IsAddress(host) || IsDnsName(name)) {
    return {};
  }
  return Fail(Code::kInvalid,
              fmt::format("'{}' is neither a DNS name nor an address: write --host node.example or "
                          "--host 10.0.0.5",
                          host));
}

}  // namespace paddock::certs
