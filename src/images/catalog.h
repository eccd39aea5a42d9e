// Catalog: the images that are ready on this host.
//
// Used by the OCI driver, which looks an image up for each new sandbox, and by `paddock images`.
// The builder (builder.h) is the only writer of new images.
//
// On disk, below DATA_DIR/images:
//   <64 hex digits>/manifest.json  rootfs/  build.log    one image, complete
//   names/<name>  -> ../<64 hex digits>                  what the bare name means now
//   .building-*  .removed-*                              unfinished; swept at the next build
// A directory gets its final name by rename(2) when everything in it is on disk, so whatever can be
// seen under a final name is whole.
//
// Threading: holds nothing but the path, so copies may be used from several threads and processes
// at once. Every call blocks on the disk: from a loop thread go through aio::Offload.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/image.h"

namespace paddock::images {

class Catalog {
 public:
  /// Makes DATA_DIR/images (mode 0700) if need be. Fails with kUnavailable (not writable).
  [[nodiscard]] static Result<Catalog> Open(const std::filesystem::path& data_dir);

  /// `reference` is a name ("base") or a pinned one ("base@sha256:<hex>").
  /// Fails with kInvalid (neither form), kNotFound or kInternal (its manifest is damaged).
  [[nodiscard]] Result<Image> Find(std::string_view reference) const;

  /// Every image, sorted by name, newest first among equals; also those that no bare name means any
  /// more. Images with a damaged manifest are left out and logged.
  [[nodiscard]] Result<std::vector<Image>> List() const;

  /// Says why `image` must stay ("used by sandbox …"), or "" when nothing needs it.
  using Holder = std::function<Result<std::string>(const Image& image)>;

  /// Removes one image: its name first, then its files. `holder` is asked twice: before, and when
  /// nobody can find the image any more; whoever takes it meanwhile must look whether it is still
  /// there after having said so. Fails with kConflict when `holder` names a
  /// reason, with its error when it cannot tell, and like Find.
  [[nodiscard]] Result<void> Remove(std::string_view reference, const Holder& holder) const;

  /// DATA_DIR/images.
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

 private:
  explicit Catalog(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path directory_;
};

}  // namespace paddock::images
