// Archive: any bytes are a zip of harmless, bounded files, or refused; and the files go through
// another zip unchanged.

#include "import/archive.h"

#include <cassert>
#include <cstdint>
#include <string>

#include "fuzz/project.h"
#include "import/path.h"
#include "import/project.h"

namespace {

namespace import = apim::import;

constexpr import::FileBounds kBounds{.files_max = 40,
                                     .file_bytes_max = 256 * 1024,
                                     .total_bytes_max = 512 * 1024,
                                     .path_bytes_max = 200,
                                     .depth_max = 6};

void check_files(const import::Files& files) {
  assert(files.size() <= kBounds.files_max);
  size_t bytes_total = 0;
  for (const auto& [path, bytes] : files) {
    assert(import::why_not_path(path, kBounds).empty());
    assert(!path.starts_with('/'));
    assert(("/" + path + "/").find("/../") == std::string::npos);
    assert(bytes.size() <= kBounds.file_bytes_max);
    bytes_total += bytes.size();
  }
  assert(bytes_total <= kBounds.total_bytes_max);
}

void check_round_trip(const import::Files& files) {
  if (files.empty()) return;  // Not a project; nobody packs that.
  const auto zip = import::write_zip(files, "r");
  assert(zip.has_value());
  const auto back = import::read_zip(*zip);
  assert(back.has_value());
  assert(*back == files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view zip(reinterpret_cast<const char*>(data), size);
  const auto files = import::read_zip(zip, kBounds);
  if (files) {
    check_files(*files);
    check_round_trip(*files);
  } else {
    apim::fuzz::check_problem(files.error());
  }
  const auto project = import::read_project_zip(zip);
  if (!project) apim::fuzz::check_problem(project.error());
  return 0;
}
