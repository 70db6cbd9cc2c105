#include "import/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <set>

#include "model/ascii.h"
#include "model/operation_codec.h"

namespace apim::import {
namespace {

using Json = nlohmann::ordered_json;

const Json kNull;
constexpr size_t kReferencesInARowMax = 32;
constexpr size_t kPathReferencesMax = 1'000;
constexpr std::array<const char*, 8> kMethods = {"get",    "head",  "post",    "put",
                                                 "delete", "patch", "options", "trace"};
constexpr std::array<const char*, 6> kPathFields = {"$ref",    "summary",    "description",
                                                    "servers", "parameters", "query"};
// What stands below these is data, not description.
constexpr std::array<const char*, 5> kDataKeys = {"example", "examples", "default", "enum",
                                                  "const"};

template <size_t N>
bool is_in(const std::array<const char*, N>& list, const std::string& text) {
  return std::any_of(list.begin(), list.end(), [&](const char* item) { return text == item; });
}

// "~1a~1%7Bid%7D" -> "/a/{id}"
std::string unescaped(std::string_view part) {
  std::string result;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1')) {
      result += part[++i] == '1' ? '/' : '~';
    } else if (part[i] == '%' && i + 2 < part.size() && model::hex_value(part[i + 1]) >= 0 &&
               model::hex_value(part[i + 2]) >= 0) {
      result +=
          static_cast<char>(model::hex_value(part[i + 1]) * 16 + model::hex_value(part[i + 2]));
      i += 2;
    } else {
      result += part[i];
    }
  }
  return result;
}

// SIZE_MAX when it is not a number.
size_t index_of(const std::string& key) {
  size_t index = 0;
  const auto [stop, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  return error == std::errc{} && stop == key.data() + key.size() ? index : SIZE_MAX;
}

template <class AnyJson>
struct Target {
  const AnyJson* value = nullptr;  // nullptr: there is no such place
  std::string pointer = {};
};

// `reference`: "#/components/schemas/Order".
template <class AnyJson>
Target<AnyJson> find(const AnyJson& root, const std::string& reference) {
  Target<AnyJson> target{&root};
  const std::string_view path = std::string_view(reference).substr(1);
  for (size_t begin = 0; begin < path.size();) {
    if (path[begin] != '/') return {};
    const size_t end = std::min(path.find('/', begin + 1), path.size());
    const std::string key = unescaped(path.substr(begin + 1, end - begin - 1));
    target.pointer += "/" + escape_pointer(key);
    if (target.value->is_object()) {
      const auto found = target.value->find(key);
      if (found == target.value->end()) return {};
      target.value = &found.value();
    } else if (const auto index = index_of(key);
               target.value->is_array() && index < target.value->size()) {
      target.value = &(*target.value)[index];
    } else {
      return {};
    }
    begin = end;
  }
  return target;
}

// The text of its own "$ref", or "".
template <class AnyJson>
std::string reference_of(const AnyJson& value) {
  if (!value.is_object()) return "";
  const auto found = value.find("$ref");
  return found != value.end() && found->is_string() ? found->template get<std::string>() : "";
}

class DefinitionReader {
 public:
  DefinitionReader(Definition& definition, Gather& gather)
      : definition_(definition), gather_(gather), sorted_(definition.root()) {}

  void read() {
    if (!definition_.root().is_object())
      return refuse("", "must be an object: openapi, info, paths");
    if (!read_version()) return;
    read_info();
    check_references();
    read_paths();
  }

 private:
  void refuse(const std::string& pointer, const std::string& message) {
    gather_.refuse(definition_.tree.locate(pointer) + model::dotted(pointer), message);
  }

  bool read_version() {
    const Json& openapi = member(definition_.root(), "openapi");
    const Json& swagger = member(definition_.root(), "swagger");
    const std::string version = text_of(openapi.is_null() ? swagger : openapi);
    if (openapi.is_null() && swagger.is_null()) {
      refuse("", "is not an OpenAPI document: it has neither 'openapi' nor 'swagger'");
      return false;
    }
    definition_.is_swagger2 = openapi.is_null();
    if (definition_.is_swagger2 ? version == "2.0"
                                : version.starts_with("3.0") || version.starts_with("3.1"))
      return true;
    refuse(definition_.is_swagger2 ? "/swagger" : "/openapi",
           fmt::format("is {}; OpenAPI 3.0, 3.1 and Swagger 2.0 are read", model::shown(version)));
    return false;
  }

  static std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
  }

  void read_info() {
    const Json& info = member(definition_.root(), "info");
    if (!info.is_object()) return refuse("/info", "is missing: title and version of the API");
    for (const char* const key : {"title", "version"}) {
      const Json& value = member(info, key);
      if (value.is_null()) {
        refuse(std::string("/info/") + key, "is missing");
      } else if (!value.is_string() && !value.is_number()) {
        refuse(std::string("/info/") + key,
               fmt::format("must be text, not {}", model::shown(nlohmann::json(value))));
      }
    }
  }

  // Every "$ref", wherever descriptions stand. The tree's depth is bounded; the stack is ours all
  // the same.
  void check_references() {
    struct Place {
      const Json* value;
      std::string pointer;
    };
    std::vector<Place> open = {{&definition_.root(), ""}};
    while (!open.empty()) {
      const Place place = std::move(open.back());
      open.pop_back();
      if (place.value->is_array()) {
        for (size_t i = 0; i < place.value->size(); ++i) {
          open.push_back({&(*place.value)[i], fmt::format("{}/{}", place.pointer, i)});
        }
      }
      if (!place.value->is_object()) continue;
      if (!reference_of(*place.value).empty())
        check_reference(place.pointer, reference_of(*place.value));
      const bool names =
          place.pointer.ends_with("/properties") || place.pointer.ends_with("/examples");
      for (const auto& [key, child] : place.value->items()) {
        if (!child.is_structured() || key.starts_with("x-")) continue;
        if (!names && is_in(kDataKeys, key)) continue;
        open.push_back({&child, place.pointer + "/" + escape_pointer(key)});
      }
    }
  }

  void check_reference(const std::string& pointer, const std::string& reference) {
    const std::string at = pointer + "/$ref";
    if (!reference.starts_with('#')) {
      return refuse(
          at,
          fmt::format("refers to {}; only references within the document ('#/...') are followed",
                      model::shown(reference)));
    }
    if (followed_.contains(reference)) return;
    std::set<std::string> seen;
    for (std::string next = reference; !next.empty();) {
      if (!seen.insert(next).second || seen.size() > kReferencesInARowMax) {
        return refuse(
            at, fmt::format("refers to {}, which leads back to itself", model::shown(reference)));
      }
      const auto target = next.starts_with('#') ? find(sorted_, next) : Target<nlohmann::json>{};
      if (target.value == nullptr) {
        return refuse(
            at, fmt::format("refers to {}, which is not in the document", model::shown(next)));
      }
      next = reference_of(*target.value);
    }
    followed_.insert(reference);
  }

  void read_paths() {
    const Json& paths = member(definition_.root(), "paths");
    if (!paths.is_object()) return refuse("/paths", "is missing: the paths the API answers");
    for (const auto& [path, item] : paths.items()) {
      if (path.starts_with("x-")) continue;
      const std::string pointer = "/paths/" + escape_pointer(path);
      if (const std::string why = model::why_not_target(path); !why.empty()) {
        refuse(pointer, fmt::format("{} {}", model::shown(path), why));
      } else if (!item.is_object()) {
        refuse(pointer, "must be an object with get, post, ...");
      } else {
        read_path(path, pointer, item);
      }
    }
    if (definition_.operations.empty() && gather_.findings.empty()) {
      refuse("/paths", "describes no operation");
    }
  }

  void read_path(const std::string& path, std::string pointer, const Json& item) {
    const Json* described = &item;
    if (!reference_of(item).empty() && ++path_references_ > kPathReferencesMax) {
      return refuse(pointer, fmt::format("is one of more than {} paths that only refer to others",
                                         kPathReferencesMax));
    }
    for (size_t i = 0; i < kReferencesInARowMax && !reference_of(*described).empty(); ++i) {
      const auto target = find(definition_.root(), reference_of(*described));
      if (target.value == nullptr || !target.value->is_object())
        return;  // check_references has said so
      described = target.value;
      pointer = target.pointer;
    }
    for (const auto& [key, operation] : described->items()) {
      const std::string at = pointer + "/" + escape_pointer(key);
      if (is_in(kMethods, key)) {
        if (!operation.is_object()) {
          refuse(at, "must be an object");
        } else {
          definition_.operations.push_back({path, model::upper(key), at, &operation});
        }
      } else if (!is_in(kPathFields, key) && !key.starts_with("x-")) {
        refuse(at, "is neither an HTTP method (in small letters) nor a field of a path");
      }
    }
  }

  Definition& definition_;
  Gather& gather_;
  nlohmann::json sorted_;                // the document with quick look-ups, for references
  std::set<std::string> followed_ = {};  // references found to be good
  size_t path_references_ = 0;
};

}  // namespace

std::string Definition::text() const {
  return tree.value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& member(const Json& object, const std::string& key) {
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : found.value();
}

model::Result<Definition> read_definition(const std::string& text, const std::string& file) {
  ASSIGN_OR_REFUSE(Tree tree, read_tree(text, file));
  Definition definition{.tree = std::move(tree)};
  // Versions are text, whatever they look like.
  for (const char* const pointer : {"/info/version", "/openapi", "/swagger"}) {
    const auto spelled = definition.tree.spelling.find(pointer);
    if (spelled != definition.tree.spelling.end()) {
      definition.tree.value[Json::json_pointer(pointer)] = spelled->second;
    }
  }
  Gather gather;
  DefinitionReader(definition, gather).read();
  if (!gather.findings.empty()) {
    return model::refuse(gather.problem("The OpenAPI document is not valid"));
  }
  return definition;
}

}  // namespace apim::import
