// OutboxKind: the text a change's kind has in the outbox.

#pragma once

#include <optional>
#include <string_view>

#include "model/catalog.h"

namespace apim::store {

constexpr std::string_view to_text(model::Change::Kind kind) {
  switch (kind) {
    case model::Change::Kind::Api: return "api";
    case model::Change::Kind::Application: return "application";
    case model::Change::Kind::Policy: return "policy";
    case model::Change::Kind::Deny: return "deny";
    case model::Change::Kind::Everything: return "everything";
  }
  return "everything";
}

// An unknown text (a newer controller wrote it) means: read everything again.
constexpr model::Change::Kind parse_kind(std::string_view text) {
  if (text == "api") return model::Change::Kind::Api;
  if (text == "application") return model::Change::Kind::Application;
  if (text == "policy") return model::Change::Kind::Policy;
  if (text == "deny") return model::Change::Kind::Deny;
  return model::Change::Kind::Everything;
}

}  // namespace apim::store
