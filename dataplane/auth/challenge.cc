#include "auth/challenge.h"

#include <array>
#include <cassert>
#include <cstring>

namespace apim::auth {
namespace {

constexpr std::string_view kTail =
    R"( error="invalid_token", error_description="The provided token is invalid")";

struct Realm {
  fbs::Scheme scheme;
  std::string_view text;
};
// In WSO2's order of priority.
constexpr std::array<Realm, 4> kRealms{{
    {fbs::Scheme::MutualTls, R"(Mutual SSL realm="WSO2 API Manager", )"},
    {fbs::Scheme::OAuth2, R"(Bearer realm="WSO2 API Manager", )"},
    {fbs::Scheme::Basic, R"(Basic realm="WSO2 API Manager", )"},
    {fbs::Scheme::ApiKey, R"(API Key realm="WSO2 API Manager", )"},
}};
// WSO2 always offers it (the Publisher's "Try out").
constexpr std::string_view kInternalRealm = R"(Internal API Key realm="WSO2 API Manager",)";

// Pieces one after another in the arena.
template <size_t N>
std::string_view joined(Arena& arena, const std::array<std::string_view, N>& pieces) {
  size_t bytes = 0;
  for (const std::string_view piece : pieces) bytes += piece.size();
  char* const text = static_cast<char*>(arena.allocate(bytes, 1));
  if (text == nullptr) return {};
  char* at = text;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  return {text, bytes};
}

// The snapshot holds names in lower case; WSO2's own two are shown as WSO2 writes them.
std::string_view shown(std::string_view lower_name) {
  if (lower_name == "authorization") return "Authorization";
  if (lower_name == "apikey") return "ApiKey";
  return lower_name;
}

}  // namespace

std::string_view challenge_text(Arena& arena, const fbs::Api& api) {
  std::array<std::string_view, kRealms.size() + 2> pieces;
  size_t count = 0;
  for (const Realm& realm : kRealms) {
    if ((api.schemes() & realm.scheme) != fbs::Scheme::NONE) pieces[count++] = realm.text;
  }
  pieces[count++] = kInternalRealm;
  pieces[count++] = kTail;
  return joined(arena, pieces);
}

std::string_view credential_forms(Arena& arena, const fbs::Api& api) {
  const std::string_view authorization = shown(api.authorization_header()->string_view());
  const std::string_view api_key = shown(api.api_key_header()->string_view());
  return joined(arena, std::array<std::string_view, 7>{
                           "'", authorization, " : Bearer ACCESS_TOKEN' or '", authorization,
                           " : Basic ACCESS_TOKEN' or '", api_key, " : API_KEY'"});
}

}  // namespace apim::auth
