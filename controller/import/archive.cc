#include "import/archive.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <ctime>
#include <memory>

#include "import/path.h"

namespace apim::import {
namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
struct FreeZipSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;
using ZipSource = std::unique_ptr<zip_source_t, FreeZipSource>;

constexpr uint64_t kRatioAppliesFrom = uint64_t{1} << 20;

model::Problem cannot_read(const std::string& what, const std::string& why) {
  return model::invalid(900754, "The archive cannot be read", {{what, why}});
}

std::string text_of(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

model::Result<Archive> open_archive(std::string_view zip) {
  if (zip.empty()) return model::refuse(cannot_read("the archive", "is empty"));
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
  if (source == nullptr) return model::refuse(cannot_read("the archive", text_of(error)));
  Archive archive(zip_open_from_source(source, ZIP_RDONLY, &error));
  if (archive == nullptr) {
    zip_source_free(source);
    return model::refuse(
        cannot_read("the archive", "is not a zip file, or it is damaged: " + text_of(error)));
  }
  zip_error_fini(&error);
  return archive;
}

// An entry as the archive describes it. Sizes are what it claims; reading checks them.
struct Claim {
  std::string name;
  uint64_t index = 0;
  uint64_t bytes = 0;
  uint64_t packed_bytes = 0;
};

// Links and devices made on Unix keep their mode in the upper half of the attributes.
bool is_special(zip_t* archive, uint64_t index) {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0) return false;
  const uint32_t format = (attributes >> 16) & S_IFMT;
  return format != 0 && format != S_IFREG && format != S_IFDIR;
}

model::Result<Claim> describe(zip_t* archive, uint64_t index, const FileBounds& bounds) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0) {
    return model::refuse(cannot_read(fmt::format("entry {}", index), "cannot be read"));
  }
  Claim claim{
      .name = stat.name, .index = index, .bytes = stat.size, .packed_bytes = stat.comp_size};
  const auto wrong = [&](const std::string& why) {
    return model::refuse(cannot_read(shown_path(claim.name), why));
  };
  std::string path = claim.name;
  if (path.ends_with('/')) path.pop_back();
  if (const std::string why = why_not_path(path, bounds); !why.empty()) return wrong(why);
  if (is_special(archive, index))
    return wrong("is a symbolic link or a device; put the file itself into the archive");
  if (stat.encryption_method != ZIP_EM_NONE)
    return wrong("is encrypted; pack the project without a password");
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
    return wrong("is packed by a method other than store and deflate");
  }
  if (claim.bytes > bounds.file_bytes_max) {
    return wrong(
        fmt::format("is {} bytes long; at most {} are read", claim.bytes, bounds.file_bytes_max));
  }
  return claim;
}

// Never more than the claim, the file's bound and what is left of the total.
model::Result<std::string> unpack(zip_t* archive, const Claim& claim, size_t left_bytes,
                                  const FileBounds& bounds) {
  const auto wrong = [&](const std::string& why) {
    return model::refuse(cannot_read(shown_path(claim.name), why));
  };
  const Entry entry(zip_fopen_index(archive, claim.index, 0));
  if (entry == nullptr) return wrong(std::string("cannot be unpacked: ") + zip_strerror(archive));
  std::string bytes;
  std::array<char, 65'536> chunk;
  while (true) {
    const zip_int64_t count = zip_fread(entry.get(), chunk.data(), chunk.size());
    if (count < 0) return wrong("is damaged: its bytes are not what the archive says");
    if (count == 0) break;
    bytes.append(chunk.data(), static_cast<size_t>(count));
    if (bytes.size() > bounds.file_bytes_max || bytes.size() > claim.bytes) {
      return wrong("unpacks to more than it claims");
    }
    if (bytes.size() > left_bytes) {
      return wrong(fmt::format("makes the project larger than {} bytes once unpacked",
                               bounds.total_bytes_max));
    }
    if (bytes.size() > kRatioAppliesFrom && bytes.size() / bounds.ratio_max > claim.packed_bytes) {
      return wrong(fmt::format("unpacks to more than {} times its packed size", bounds.ratio_max));
    }
  }
  if (bytes.size() != claim.bytes) return wrong("is damaged: it is shorter than the archive says");
  return bytes;
}

// "__MACOSX/..." and ".DS_Store" are not the project's.
bool is_junk(const std::string& name) {
  return name.starts_with("__MACOSX/") || name.starts_with('.') ||
         name.find("/.") != std::string::npos;
}

// "Pizza-1.0.0/" when everything lies in it.
std::string common_folder(const Files& files) {
  if (files.empty()) return "";
  const size_t slash = files.begin()->first.find('/');
  if (slash == std::string::npos) return "";
  const std::string folder = files.begin()->first.substr(0, slash + 1);
  const bool all = std::all_of(files.begin(), files.end(),
                               [&](const auto& file) { return file.first.starts_with(folder); });
  return all ? folder : "";
}

Files without_folder(Files files, const std::string& folder) {
  if (folder.empty()) return files;
  Files result;
  for (auto& [path, bytes] : files) result[path.substr(folder.size())] = std::move(bytes);
  return result;
}

// 1980-01-01 00:00 here: zip keeps local time, so the bytes do not depend on the time zone.
time_t first_moment_of_zip() {
  std::tm moment{};
  moment.tm_year = 80;
  moment.tm_mday = 1;
  moment.tm_isdst = -1;
  return std::mktime(&moment);
}

bool add_entry(zip_t* archive, const std::string& name, const std::string& bytes) {
  zip_source_t* const source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  if (source == nullptr) return false;
  const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return false;
  }
  const auto position = static_cast<zip_uint64_t>(index);
  return zip_set_file_compression(archive, position, ZIP_CM_DEFLATE, 9) == 0 &&
         zip_file_set_mtime(archive, position, first_moment_of_zip(), 0) == 0 &&
         zip_file_set_external_attributes(archive, position, 0, ZIP_OPSYS_UNIX,
                                          (S_IFREG | 0644U) << 16) == 0;
}

model::Result<std::string> read_back(zip_source_t* source) {
  const auto wrong = [&] {
    return model::refuse(model::internal_error(fmt::format(
        "the archive cannot be read back: {}", zip_error_strerror(zip_source_error(source)))));
  };
  if (zip_source_open(source) != 0) return wrong();
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_source_stat(source, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) return wrong();
  std::string bytes(stat.size, '\0');
  const zip_int64_t count = zip_source_read(source, bytes.data(), bytes.size());
  if (count < 0 || static_cast<size_t>(count) != bytes.size()) return wrong();
  zip_source_close(source);
  return bytes;
}

}  // namespace

model::Result<Files> read_zip(std::string_view zip, const FileBounds& bounds) {
  ASSIGN_OR_REFUSE(const Archive archive, open_archive(zip));
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count < 0 || static_cast<uint64_t>(count) > 2 * bounds.files_max) {
    return model::refuse(cannot_read(
        "the archive",
        fmt::format("has {} entries; at most {} files are read", count, bounds.files_max)));
  }
  Files files;
  size_t left_bytes = bounds.total_bytes_max;
  for (uint64_t index = 0; index < static_cast<uint64_t>(count); ++index) {
    ASSIGN_OR_REFUSE(const Claim claim, describe(archive.get(), index, bounds));
    if (claim.name.ends_with('/') || is_junk(claim.name)) continue;
    if (files.contains(claim.name)) {
      return model::refuse(cannot_read(shown_path(claim.name), "is in the archive twice"));
    }
    if (files.size() >= bounds.files_max) {
      return model::refuse(
          cannot_read("the archive", fmt::format("has more than {} files", bounds.files_max)));
    }
    ASSIGN_OR_REFUSE(std::string bytes, unpack(archive.get(), claim, left_bytes, bounds));
    left_bytes -= bytes.size();
    files[claim.name] = std::move(bytes);
  }
  const std::string folder = common_folder(files);
  return without_folder(std::move(files), folder);
}

model::Result<std::string> write_zip(const Files& files, const std::string& root) {
  zip_error_t error;
  zip_error_init(&error);
  const ZipSource source(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (source == nullptr)
    return model::refuse(model::internal_error("no archive: " + text_of(error)));
  Archive archive(zip_open_from_source(source.get(), ZIP_CREATE | ZIP_TRUNCATE, &error));
  if (archive == nullptr)
    return model::refuse(model::internal_error("no archive: " + text_of(error)));
  zip_source_keep(source.get());  // the archive's close would free it
  for (const auto& [path, bytes] : files) {
    const std::string name = root.empty() ? path : root + "/" + path;
    if (!add_entry(archive.get(), name, bytes)) {
      return model::refuse(model::internal_error(
          fmt::format("{} cannot be packed: {}", name, zip_strerror(archive.get()))));
    }
  }
  if (zip_close(archive.get()) != 0) {
    return model::refuse(model::internal_error(
        fmt::format("the archive cannot be packed: {}", zip_strerror(archive.get()))));
  }
  archive.release();  // closed
  return read_back(source.get());
}

}  // namespace apim::import
