#include "store/api_query.h"

#include <array>
#include <optional>

#include "store/text.h"

namespace apim::store {
namespace {

struct Term {
  std::string key;  // "" for a free word
  std::string value;
  bool is_quoted = false;
};

struct Key {
  std::string_view name;
  std::string_view condition;
  bool anywhere;
};

constexpr std::string_view kTag =
    "EXISTS (SELECT 1 FROM apim_api_tag t WHERE t.api_id = am_api.api_id AND lower(t.tag) LIKE ? "
    "ESCAPE '!')";

constexpr std::array kKeys{
    Key{"", "lower(api_name) LIKE ? ESCAPE '!'", true},
    Key{"name", "lower(api_name) LIKE ? ESCAPE '!'", true},
    Key{"version", "lower(api_version) LIKE ? ESCAPE '!'", false},
    Key{"context", "lower(context) LIKE ? ESCAPE '!'", true},
    Key{"provider", "lower(api_provider) LIKE ? ESCAPE '!'", true},
    Key{"description", "lower(description) LIKE ? ESCAPE '!'", true},
    Key{"status", "lower(status) LIKE ? ESCAPE '!'", false},
    Key{"type", "lower(api_type) LIKE ? ESCAPE '!'", false},
    Key{"tag", kTag, false},
    Key{"tags", kTag, false},
};

bool is_space(char letter) { return letter == ' ' || letter == '\t'; }

// Reads one term from `text` at `at`, which stands on no space, and moves behind it.
Term read_term(const std::string& text, size_t& at) {
  Term term;
  const size_t stop = std::min(text.find_first_of(" \t\"", at), text.size());
  const size_t colon = text.find(':', at);
  if (colon != std::string::npos && colon < stop) {
    term.key = lower(text.substr(at, colon - at));
    at = colon + 1;
  }
  if (at < text.size() && text[at] == '"') {
    const size_t end = std::min(text.find('"', at + 1), text.size());
    term.value = text.substr(at + 1, end - at - 1);
    term.is_quoted = true;
    at = std::min(end + 1, text.size());
    return term;
  }
  const size_t end = std::min(text.find_first_of(" \t", at), text.size());
  term.value = text.substr(at, end - at);
  at = end;
  return term;
}

}  // namespace

Result<rows::Where> parse_api_query(const std::string& query) {
  rows::Where where;
  for (size_t at = 0; at < query.size();) {
    if (is_space(query[at])) {
      ++at;
      continue;
    }
    const Term term = read_term(query, at);
    const auto* key = std::find_if(kKeys.begin(), kKeys.end(),
                                   [&](const Key& known) { return known.name == term.key; });
    if (key == kKeys.end()) {
      return model::refuse(model::bad_request(
          900708, "Invalid parameter(s) provided",
          "the query cannot look for '" + term.key +
              "'; it knows name, version, context, provider, description, status, type and tag"));
    }
    where.condition += " AND " + std::string(key->condition);
    where.values.emplace_back(like_pattern(term.value, key->anywhere && !term.is_quoted));
  }
  return where;
}

}  // namespace apim::store
