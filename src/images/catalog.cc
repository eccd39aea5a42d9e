#include "images/catalog.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "images/files.h"
#include "images/manifest.h"

namespace paddock::images {
namespace {

constexpr std::string_view kDigestPrefix = "sha256:";

struct Reference {
  std::string name;
  std::string digest;  // empty: what the name means now
};

Result<Reference> ParseReference(std::string_view text) {
  const std::size_t at = text.find('@');
  const bool is_pinned = at != std::string_view::npos;
  Reference reference{.name = std::string(text.substr(0, at)),
                      .digest = is_pinned ? std::string(text.substr(at + 1)) : std::string()};
  if (!IsImageName(reference.name) || (is_pinned && !IsDigest(reference.digest))) {
    return Fail(Code::kInvalid, "an image is written NAME or NAME@sha256:HEX");
  }
  return reference;
}

}  // namespace

Result<Catalog> Catalog::Open(const std::filesystem::path& data_dir) {
  auto directory = data_dir / "images";
  auto made = MakeDirectories(directory / "names");
  if (!made) {
    return Fail(std::move(made).error());
  }
  // The trees below hold programs with the set-uid bit and files of any owner: nobody else's.
  if (chmod(directory.c_str(), 0700) != 0) {
    return FailErrno("change the mode of", directory, errno);
  }
  return Catalog(std::move(directory));
}

Result<Image> Catalog::Find(std::string_view reference) const {
  auto wanted = ParseReference(reference);
  if (!wanted) {
    return Fail(std::move(wanted).error());
  }
  // The link is resolved once, so that all of the answer is of one build.
  std::filesystem::path directory =
      directory_ / wanted->digest.substr(wanted->digest.empty() ? 0 : kDigestPrefix.size());
  if (wanted->digest.empty()) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(directory_ / "names" / wanted->name, error);
    if (error) {
      return Fail(Code::kNotFound, fmt::format("there is no image '{}'", wanted->name));
    }
    directory = directory_ / target.filename();
  }
  auto image = ReadManifest(directory);
  if (!image && image.error().code == Code::kNotFound) {
    return Fail(Code::kNotFound, fmt::format("there is no image '{}'", reference));
  }
  if (image && image->name != wanted->name) {
    return Fail(Code::kNotFound, fmt::format("'{}' is an image of {}", reference, image->name));
  }
  return image;
}

Result<std::vector<Image>> Catalog::List() const {
  std::vector<Image> images;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(directory_, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string hex = entry->path().filename();
    if (!IsDigest(std::string(kDigestPrefix) + hex)) {
      continue;
    }
    auto image = ReadManifest(entry->path());
    if (!image) {
      log::Warn("image {} left out: {}", hex, image.error().message);
      continue;
    }
    images.push_back(*std::move(image));
  }
  if (error) {
    return FailErrno("list", directory_, error.value());
  }
  std::ranges::sort(images, [](const Image& a, const Image& b) {
    return std::tie(a.name, b.built_at, a.digest) < std::tie(b.name, a.built_at, b.digest);
  });
  return images;
}

Result<void> Catalog::Remove(std::string_view reference, const Holder& holder) const {
  auto image = Find(reference);
  if (!image) {
    return Fail(std::move(image).error());
  }
  auto reason = holder(*image);
  if (!reason) {
    return Fail(std::move(reason).error());
  }
  if (!reason->empty()) {
    return Fail(Code::kConflict, fmt::format("image '{}' is {}", reference, *reason));
  }
  const auto current = Find(image->name);
  const bool is_current = current && current->digest == image->digest;
  const auto link = directory_ / "names" / image->name;
  if (is_current) {
    if (unlink(link.c_str()) != 0 && errno != ENOENT) {
      return FailErrno("remove", link, errno);
    }
  }
  // Renamed first: a removal that is interrupted leaves nothing that looks like an image.
  const std::string hex = image->digest.substr(kDigestPrefix.size());
  const auto doomed = directory_ / (".removed-" + hex);
  auto renamed = Rename(directory_ / hex, doomed);
  if (!renamed) {
    return renamed;
  }
  // A sandbox that was begun meanwhile has either found the image gone, or is a reason now.
  reason = holder(*image);
  if (!reason || !reason->empty()) {
    if (auto back = Rename(doomed, directory_ / hex); !back) {
      return back;
    }
    if (is_current) {
      std::error_code failure;
      std::filesystem::create_directory_symlink("../" + hex, link, failure);
      if (failure) {
        return FailErrno("name", link, failure.value());
      }
    }
    return reason ? Result<void>(
                        Fail(Code::kConflict, fmt::format("image '{}' is {}", reference, *reason)))
                  : Result<void>(Fail(std::move(reason).error()));
  }
  return RemoveTree(doomed);
}

}  // namespace paddock::images
