#include "import/source.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "import/archive.h"
#include "import/tree.h"

namespace apim::import {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 8> kFoldersBeside = {
    "Definitions",         "Policies",  "Docs",      "Image", "Endpoint-certificates",
    "Client-certificates", "Sequences", "Deployment"};
constexpr std::array<const char*, 6> kFilesBeside = {"deployment_environments.yaml",
                                                     "deployment_environments.yml",
                                                     "deployment_environments.json",
                                                     "api_params.yaml",
                                                     "api_meta.yaml",
                                                     "intermediate_params.yaml"};

model::Problem cannot_read(const fs::path& path, const std::string& why) {
  return model::invalid(900754, "The source cannot be read", {{path.string(), why}});
}

model::Result<std::string> read_bytes(const fs::path& path, size_t bytes_max) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    return model::refuse(cannot_read(path, error ? error.message() : "is not a file"));
  }
  const uintmax_t size = fs::file_size(path, error);
  if (error) return model::refuse(cannot_read(path, error.message()));
  if (size > bytes_max) {
    return model::refuse(
        cannot_read(path, fmt::format("is {} bytes long; at most {} are read", size, bytes_max)));
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(static_cast<size_t>(size), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file) return model::refuse(cannot_read(path, "cannot be read"));
  return bytes;
}

// A line that begins a top-level member of this name, in YAML or in JSON of any layout people
// write.
bool has_top_level(std::string_view text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const bool quoted = at > 0 && (text[at - 1] == '"' || text[at - 1] == '\'');
    const size_t begin = at - (quoted ? 1 : 0);
    const size_t end = at + name.size() + (quoted ? 1 : 0);
    const std::string_view before = text.substr(0, begin);
    const size_t last = before.find_last_not_of(" \t\r\n");
    const bool begins = begin == 0 || text[begin - 1] == '\n' ||
                        (quoted && last != std::string_view::npos && text[last] == '{' && last < 8);
    if (begins && text.substr(end).find_first_not_of(" \t") == text.substr(end).find(':'))
      return true;
  }
  return false;
}

enum class Content : uint8_t { Project, OpenApi, Unknown };

// Before ${VARIABLES} are replaced a text need not be YAML yet: then its lines are looked at.
Content content_of(const std::string& text, const std::string& file) {
  const auto tree = read_tree(text, file);
  const auto has = [&](const char* name) {
    return tree.has_value() ? tree->value.is_object() && tree->value.contains(name)
                            : has_top_level(text, name);
  };
  if (has("openapi") || has("swagger")) return Content::OpenApi;
  if (has("data") || has("type") || has("id") || !tree.has_value()) return Content::Project;
  return Content::Unknown;
}

model::Result<Source> read_zip_file(const fs::path& path) {
  ASSIGN_OR_REFUSE(const std::string bytes, read_bytes(path, FileBounds{}.total_bytes_max));
  ASSIGN_OR_REFUSE(Files files, read_zip(bytes));
  return Source{.kind = Source::Kind::Project, .name = path.string(), .files = std::move(files)};
}

// What an apictl project has beside its api.yaml, and nothing else of that folder.
model::Result<void> take_neighbours(const fs::path& folder, Files& files) {
  std::error_code error;
  for (const char* const name : kFoldersBeside) {
    if (!fs::is_directory(folder / name, error)) continue;
    ASSIGN_OR_REFUSE(const Files inside, read_folder(folder / name));
    for (const auto& [path, bytes] : inside) files[std::string(name) + "/" + path] = bytes;
  }
  for (const char* const name : kFilesBeside) {
    if (!fs::exists(folder / name, error)) continue;
    ASSIGN_OR_REFUSE(files[name], read_bytes(folder / name, FileBounds{}.file_bytes_max));
  }
  return {};
}

model::Result<Source> read_text_file(const fs::path& path) {
  ASSIGN_OR_REFUSE(std::string text, read_bytes(path, FileBounds{}.file_bytes_max));
  if (text.starts_with("PK\x03\x04")) return read_zip_file(path);
  const std::string file = path.filename().string();
  Source source{.kind = Source::Kind::OpenApi, .name = path.string(), .files = {}};
  switch (content_of(text, file)) {
    case Content::OpenApi: source.files[file] = std::move(text); return source;
    case Content::Unknown:
      return model::refuse(
          cannot_read(path,
                      "is neither an API project's api.yaml (it has no 'data') nor an OpenAPI "
                      "document (it has no 'openapi')"));
    case Content::Project: break;
  }
  source.kind = Source::Kind::Project;
  const bool is_json = syntax_of(file, text) == Syntax::Json;
  source.files[is_json ? "api.json" : "api.yaml"] = std::move(text);
  CHECK_OR_REFUSE(
      take_neighbours(path.has_parent_path() ? path.parent_path() : fs::path("."), source.files));
  return source;
}

}  // namespace

model::Result<Source> read_source(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return model::refuse(cannot_read(path, "does not exist"));
  if (fs::is_directory(status)) {
    ASSIGN_OR_REFUSE(Files files, read_folder(path));
    return Source{.kind = Source::Kind::Project, .name = path.string(), .files = std::move(files)};
  }
  if (path.extension() == ".zip") return read_zip_file(path);
  return read_text_file(path);
}

}  // namespace apim::import
