// Files: a project's files as bytes in memory, read from a folder within bounds.
//
// Nothing of a project is ever written to disk under a name it chose. Paths are relative,
// '/'-separated, without "." and ".." and without links; whatever breaks that is refused with the
// entry's name.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "model/problem.h"

namespace apim::import {

// "Definitions/swagger.yaml" -> its bytes.
using Files = std::map<std::string, std::string>;

struct FileBounds {
  size_t files_max = 2000;
  size_t file_bytes_max = size_t{16} << 20;
  size_t total_bytes_max = size_t{64} << 20;  // expanded
  size_t path_bytes_max = 512;
  size_t depth_max = 16;     // folders in a path
  uint64_t ratio_max = 100;  // expanded : packed, once an entry is larger than 1 MiB
};

// Hidden files and folders (".git") are left out. Refuses symbolic links and special files.
model::Result<Files> read_folder(const std::filesystem::path& folder,
                                 const FileBounds& bounds = {});

}  // namespace apim::import
