// Manifest: the file beside a root file system that says what it is.
//
// Written by the builder as the last thing before an image gets its final name, read by the
// catalog. It is JSON, so that other tools can read it too. Blocking; usable from any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "images/image.h"

namespace paddock::images {

/// Everything but `image.rootfs`, which follows from where the file lies.
[[nodiscard]] std::string FormatManifest(const Image& image);

/// Fails with kInvalid, naming `file_name`, line and field. Leaves `rootfs` empty.
[[nodiscard]] Result<Image> ParseManifest(std::string_view text, std::string_view file_name);

/// Reads IMAGE_DIRECTORY/manifest.json and sets `rootfs`. Fails with kNotFound (no such file) or
/// kInternal (damaged).
[[nodiscard]] Result<Image> ReadManifest(const std::filesystem::path& image_directory);

}  // namespace paddock::images
