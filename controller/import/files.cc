#include "import/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <vector>

#include "import/path.h"
#include "import/tree.h"

namespace apim::import {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const std::string& path) {
  return path.starts_with('.') || path.find("/.") != std::string::npos;
}

model::Problem cannot_read_project(const std::string& what, const std::string& why) {
  return model::invalid(900754, "The project cannot be read", {{what, why}});
}

// What has been taken in so far.
struct Intake {
  const FileBounds& bounds;
  Files files = {};
  size_t total_bytes = 0;

  model::Result<void> add(const std::string& path, std::string bytes) {
    total_bytes += bytes.size();
    if (files.size() >= bounds.files_max) {
      return model::refuse(cannot_read_project(
          path, fmt::format("is one file too many; at most {} are read", bounds.files_max)));
    }
    if (total_bytes > bounds.total_bytes_max) {
      return model::refuse(cannot_read_project(
          path, fmt::format("makes the project larger than {} bytes", bounds.total_bytes_max)));
    }
    files[path] = std::move(bytes);
    return {};
  }
};

model::Result<std::string> read_bytes(const fs::path& path, const std::string& name,
                                      size_t bytes_max) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (error) return model::refuse(cannot_read_project(name, "cannot be read: " + error.message()));
  if (size > bytes_max) {
    return model::refuse(cannot_read_project(
        name, fmt::format("is {} bytes long; at most {} are read", size, bytes_max)));
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(static_cast<size_t>(size), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file || file.gcount() != static_cast<std::streamsize>(bytes.size())) {
    return model::refuse(cannot_read_project(name, "cannot be read whole"));
  }
  return bytes;
}

model::Result<void> take_entry(const fs::directory_entry& entry, const std::string& name,
                               Intake& intake) {
  std::error_code error;
  const fs::file_status status = entry.symlink_status(error);
  if (error) return model::refuse(cannot_read_project(name, "cannot be read: " + error.message()));
  if (fs::is_symlink(status)) {
    return model::refuse(
        cannot_read_project(name, "is a symbolic link; put the file itself there"));
  }
  if (const std::string why = why_not_path(name, intake.bounds); !why.empty()) {
    return model::refuse(cannot_read_project(shown_path(name), why));
  }
  if (fs::is_directory(status)) return {};
  if (!fs::is_regular_file(status)) {
    return model::refuse(cannot_read_project(name, "is neither a file nor a folder"));
  }
  ASSIGN_OR_REFUSE(std::string bytes, read_bytes(entry.path(), name, intake.bounds.file_bytes_max));
  return intake.add(name, std::move(bytes));
}

}  // namespace

model::Result<Files> read_folder(const fs::path& folder, const FileBounds& bounds) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  if (error)
    return model::refuse(
        cannot_read_project(folder.string(), "cannot be read: " + error.message()));
  Intake intake{.bounds = bounds};
  size_t entries = 0;
  for (const fs::recursive_directory_iterator end; entry != end;) {
    const std::string name = entry->path().lexically_relative(folder).generic_string();
    if (++entries > 10 * bounds.files_max) {
      return model::refuse(
          cannot_read_project(name, "is one of too many folders and hidden files"));
    }
    if (is_hidden(name)) {
      entry.disable_recursion_pending();
    } else {
      CHECK_OR_REFUSE(take_entry(*entry, name, intake));
    }
    entry.increment(error);
    if (error)
      return model::refuse(
          cannot_read_project(name, "its folder cannot be read: " + error.message()));
  }
  return std::move(intake.files);
}

}  // namespace apim::import
