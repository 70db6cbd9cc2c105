#include "auth/api_key.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/ascii.h"
#include "crypto/digest.h"
#include "exchange/text.h"
#include "snapshot/image.h"
#include "snapshot/ranges.h"

namespace apim::auth {
namespace {

constexpr size_t kKeyBytesMax = 1024;  // Longer ones are unknown without hashing.

std::unexpected<Fault> refuse(FaultCode code, const char* what) {
  return std::unexpected(fault(code, what));
}

// Decodes in place of a copy in the arena. A bad escape stays as it is: such a key is unknown.
std::string_view percent_decoded(Arena& arena, std::string_view text) {
  if (text.find('%') == std::string_view::npos) return text;
  char* const bytes = static_cast<char*>(arena.allocate(text.size(), 1));
  if (bytes == nullptr) return {};
  char* to = bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                           hex_value(text[i + 2]) >= 0;
    *to++ = is_escape ? static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]))
                      : text[i];
    if (is_escape) i += 2;
  }
  return {bytes, static_cast<size_t>(to - bytes)};
}

void add(Presented& presented, std::string_view key) {
  presented.key = key;
  if (presented.count < UINT8_MAX) ++presented.count;
}

// Cuts the first part off `rest`, up to the next '&'.
std::string_view next_part(std::string_view& rest) {
  const size_t end = std::min(rest.find('&'), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool is_parameter(std::string_view part, std::string_view lower_name) {
  return http::equals_ignoring_case(part.substr(0, part.find('=')), lower_name);
}

bool has_parameter(std::string_view query, std::string_view lower_name) {
  while (!query.empty()) {
    if (is_parameter(next_part(query), lower_name)) return true;
  }
  return false;
}

// Moves the parameters of that name from the query to `presented`; false when the arena is full.
bool take_from_query(Exchange& x, std::string_view lower_name, Presented& presented) {
  http::Target& target = x.request.target;
  if (!has_parameter(target.query, lower_name)) return true;
  char* const kept = static_cast<char*>(x.arena.allocate(target.query.size(), 1));
  if (kept == nullptr) return false;
  size_t kept_bytes = 0;
  for (std::string_view rest = target.query; !rest.empty();) {
    const std::string_view part = next_part(rest);
    if (is_parameter(part, lower_name)) {
      const size_t equals = part.find('=');
      add(presented, equals == std::string_view::npos
                         ? std::string_view{}
                         : percent_decoded(x.arena, part.substr(equals + 1)));
      continue;
    }
    if (kept_bytes > 0) kept[kept_bytes++] = '&';
    std::memcpy(kept + kept_bytes, part.data(), part.size());
    kept_bytes += part.size();
  }
  target.query = {kept, kept_bytes};
  target.has_query = kept_bytes > 0;
  return true;
}

bool is_permitted_referer(const Exchange& x, const fbs::Restriction& restriction) {
  const http::Field* referer = x.request.find(http::FieldId::Referer);
  if (referer == nullptr) return false;
  return std::ranges::any_of(*restriction.referers(), [&](const flatbuffers::String* pattern) {
    return matches_glob(referer->value, pattern->string_view());
  });
}

Result<void> check_restriction(const Exchange& x, const fbs::Restriction& restriction) {
  const auto* addresses = restriction.addresses();
  if (addresses != nullptr && addresses->size() > 0 &&
      !snapshot::holds(*addresses, x.client.address)) {
    return refuse(FaultCode::KeyForbiddenAddress, "the key's addresses do not hold the client's");
  }
  const auto* referers = restriction.referers();
  if (referers != nullptr && referers->size() > 0 && !is_permitted_referer(x, restriction)) {
    return refuse(FaultCode::KeyForbiddenReferer, "the key's referers do not hold the request's");
  }
  return {};
}

}  // namespace

Result<Presented> take_api_key(Exchange& x, std::string_view lower_name) {
  Presented presented;
  for (http::Field& field : x.request.fields) {
    if (!http::equals_ignoring_case(field.name, lower_name)) continue;
    // Its own Connection field asks for a request without the credential.
    if (field.named_by_connection)
      return refuse(FaultCode::BadRequest, "Connection names the key's field");
    field.dropped = true;
    add(presented, field.value);
  }
  Presented in_query;
  if (!take_from_query(x, lower_name, in_query))
    return refuse(FaultCode::Overloaded, "no room to rewrite the query");
  return presented.count > 0 ? presented : in_query;
}

Result<const fbs::KeyEntry*> check_api_key(const Exchange& x, std::string_view key) {
  if (key.empty() || key.size() > kKeyBytesMax)
    return refuse(FaultCode::KeyUnknown, "the key has an impossible length");
  const auto hit = x.image->find_key(crypto::sha256(key));
  if (hit.entry == nullptr) return refuse(FaultCode::KeyUnknown, "no such key");
  const fbs::KeyEntry& entry = *hit.entry;
  if (entry.kind() != fbs::CredentialKind::ApiKey)
    return refuse(FaultCode::KeyUnknown, "the credential is no API key");
  if (entry.expires_s() != 0 && x.wall_s >= entry.expires_s())
    return refuse(FaultCode::KeyExpired, "the key expired");
  if (entry.api() != 0 && entry.api() != x.route.api->id()) {
    return refuse(FaultCode::NotSubscribed, "the key is bound to another API");
  }
  if (hit.restriction != nullptr) {
    if (auto permitted = check_restriction(x, *hit.restriction); !permitted)
      return std::unexpected(permitted.error());
  }
  return &entry;
}

}  // namespace apim::auth
