#include "policy/cors.h"

#include <algorithm>
#include <cstring>

#include "exchange/text.h"
#include "policy/edits.h"
#include "snapshot/verify.h"

namespace apim::policy {
namespace {

constexpr std::string_view kAllowOrigin = "Access-Control-Allow-Origin";
constexpr std::string_view kAllowCredentials = "Access-Control-Allow-Credentials";
constexpr size_t kCorsEditsMax = 5;
static_assert(snapshot::kPlanHeaderEditsMax + kCorsEditsMax <= Shape::kEditsMax);

std::string_view text_of(const std::string& text) { return text; }
std::string_view text_of(const flatbuffers::String* text) { return text->string_view(); }

// A comma list in the arena, built piece by piece. Empty once there was no room.
class List {
 public:
  explicit List(Arena& arena, size_t bytes_max)
      : text_(static_cast<char*>(arena.allocate(bytes_max, 1))) {}
  void add(std::string_view piece) {
    if (text_ == nullptr) return;
    if (bytes_ > 0) text_[bytes_++] = ',';
    std::memcpy(text_ + bytes_, piece.data(), piece.size());
    bytes_ += piece.size();
  }
  std::string_view text() const { return {text_, bytes_}; }

 private:
  char* text_;
  size_t bytes_ = 0;
};

// `allow` is "GET, POST".
bool is_listed(std::string_view allow, std::string_view method) {
  for (size_t at = allow.find(method); at != std::string_view::npos;
       at = allow.find(method, at + 1)) {
    const bool starts = at == 0 || allow[at - 1] == ' ';
    const size_t end = at + method.size();
    if (starts && (end == allow.size() || allow[end] == ',')) return true;
  }
  return false;
}

// The rules that apply, from the API or from the settings; both spell their lists in their own
// type.
template <class Texts>
class Rules {
 public:
  Rules(Exchange& x, const Texts& origins, const Texts& methods, const Texts& headers)
      : x_(x),
        edits_(x.shape.response_edits, x.shape.response_edit_count),
        origins_(origins),
        methods_(methods),
        headers_(headers) {}

  // False: there is no room for all of them.
  [[nodiscard]] bool apply(bool allows_credentials) {
    const std::string_view origin = allowed_origin();
    if (origin != "*" && !edits_.append("Vary", "Origin")) return false;
    // A back end's own permission does not widen what the gateway was told.
    if (origin.empty()) return edits_.remove(kAllowOrigin) && edits_.remove(kAllowCredentials);
    if (!edits_.set(kAllowOrigin, origin)) return false;
    if (allows_credentials && origin != "*" && !edits_.set(kAllowCredentials, "true")) return false;
    const bool is_preflight = x_.answer.set && x_.answer.code == FaultCode::kCount;
    if (!is_preflight) return true;
    return edits_.set("Access-Control-Allow-Methods", allowed_methods()) &&
           edits_.set("Access-Control-Allow-Headers", allowed_headers());
  }

 private:
  // "*", the request's own origin, or empty: not allowed.
  std::string_view allowed_origin() const {
    const http::Field* field = x_.request.find(http::FieldId::Origin);
    for (const auto& text : origins_) {
      const std::string_view pattern = text_of(text);
      if (pattern == "*") return pattern;
      if (field != nullptr && !field->value.empty() && matches_glob(field->value, pattern))
        return field->value;
    }
    return {};
  }

  size_t list_bytes(const Texts& texts) const {
    size_t bytes =
        x_.route.api->authorization_header()->size() + x_.route.api->api_key_header()->size() + 2;
    for (const auto& text : texts) bytes += text_of(text).size() + 1;
    return bytes;
  }

  std::string_view allowed_methods() const {
    List list(x_.arena, list_bytes(methods_));
    for (const auto& method : methods_) {
      if (is_listed(x_.answer.allow, text_of(method))) list.add(text_of(method));
    }
    return list.text();
  }

  std::string_view allowed_headers() const {
    List list(x_.arena, list_bytes(headers_));
    for (const auto& header : headers_) list.add(text_of(header));
    for (const auto* own : {x_.route.api->authorization_header(), x_.route.api->api_key_header()}) {
      const bool is_there = std::any_of(headers_.begin(), headers_.end(), [&](const auto& header) {
        return is_same_ignoring_case(text_of(header), own->string_view());
      });
      if (!is_there) list.add(own->string_view());
    }
    return list.text();
  }

  Exchange& x_;
  Edits edits_;
  const Texts& origins_;
  const Texts& methods_;
  const Texts& headers_;
};

}  // namespace

bool add_cors(Exchange& x, const CorsSettings& settings) {
  if (x.route.api == nullptr) return true;
  if (const fbs::Cors* own = x.route.api->cors(); own != nullptr) {
    return Rules(x, *own->origins(), *own->methods(), *own->headers()).apply(own->credentials());
  }
  if (!settings.enabled) return true;
  return Rules(x, settings.origins, settings.methods, settings.headers).apply(settings.credentials);
}

}  // namespace apim::policy
