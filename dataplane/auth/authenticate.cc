#include "auth/authenticate.h"

#include <cassert>

#include "auth/api_key.h"
#include "auth/challenge.h"
#include "auth/subscription.h"
#include "schemas/layout.h"
#include "snapshot/image.h"

namespace apim::auth {
namespace {

constexpr std::string_view kAnonymous = "anonymous";

Verdict refuse(Exchange& x, const Fault& why) {
  const fbs::Api& api = *x.route.api;
  const bool is_missing = why.code == FaultCode::KeyMissing;
  answer(x, why, is_missing ? credential_forms(x.arena, api) : std::string_view{});
  if (x.answer.status == 401) x.answer.challenge = challenge_text(x.arena, api);
  return Verdict::Answer;
}

bool offers(const fbs::Api& api, fbs::Scheme scheme) {
  return (api.schemes() & scheme) != fbs::Scheme::NONE;
}

// Drops the fields that carry credentials for the gateway alone. Whether one of them was there.
bool drop_foreign_credentials(Exchange& x) {
  const fbs::Api& api = *x.route.api;
  const std::string_view authorization = api.authorization_header()->string_view();
  const bool owns_authorization =
      offers(api, fbs::Scheme::OAuth2) || offers(api, fbs::Scheme::Basic);
  bool found = false;
  for (http::Field& field : x.request.fields) {
    const bool is_foreign =
        field.id == http::FieldId::InternalKey ||
        (owns_authorization && http::equals_ignoring_case(field.name, authorization));
    if (!is_foreign) continue;
    field.dropped = true;
    found = true;
  }
  return found;
}

void become_anonymous(Exchange& x) {
  x.principal.user_hash = layout::hash_bytes(kAnonymous);
  x.principal.key_type = fbs::KeyType::Production;
}

// Everything that follows once a key is known: application, subscription, key type.
Result<void> become_application(Exchange& x, const fbs::KeyEntry& entry) {
  const fbs::Api& api = *x.route.api;
  const fbs::Application* application = x.image->find_application(entry.application());
  if (application == nullptr)
    return std::unexpected(fault(FaultCode::NotSubscribed, "the key's application is gone"));
  x.principal.credential = CredentialUsed::ApiKey;
  x.principal.application = application;
  x.principal.user_hash = application->owner_hash();
  x.principal.key_type =
      api.lifecycle() == fbs::Lifecycle::Prototyped ? fbs::KeyType::Production : entry.key_type();
  if (!api.validates_subscription()) return {};
  const auto subscription = check_subscription(*application, api, x.principal.key_type);
  if (!subscription) return std::unexpected(subscription.error());
  x.principal.subscription = *subscription;
  return {};
}

// Which of the API's application-level schemes the request meets. The others cannot be checked here
// and stay closed.
Result<void> check_credentials(Exchange& x, const Presented& presented, bool has_foreign) {
  const fbs::Api& api = *x.route.api;
  if (api.mutual_tls_mandatory()) {
    return std::unexpected(fault(FaultCode::KeyUnknown, "client certificates cannot be checked"));
  }
  if (presented.count > 1)
    return std::unexpected(fault(FaultCode::KeyUnknown, "the key was sent more than once"));
  if (presented.count == 1) {
    const auto entry = check_api_key(x, presented.key);
    if (!entry) return std::unexpected(entry.error());
    return become_application(x, **entry);
  }
  if (has_foreign)
    return std::unexpected(fault(FaultCode::KeyUnknown, "a credential that cannot be checked"));
  return std::unexpected(fault(FaultCode::KeyMissing, "no credential"));
}

Result<void> check_endpoint(const Exchange& x) {
  if (x.principal.key_type == fbs::KeyType::Sandbox) {
    if (x.route.api->sandbox() != nullptr) return {};
    return std::unexpected(fault(FaultCode::NoSandboxEndpoint, "the API has no sandbox endpoint"));
  }
  if (x.route.api->production() != nullptr) return {};
  return std::unexpected(
      fault(FaultCode::NoProductionEndpoint, "the API has no production endpoint"));
}

}  // namespace

std::string_view user_of(const Principal& principal) {
  if (principal.application != nullptr) return principal.application->owner()->string_view();
  return principal.user_hash == 0 ? std::string_view{} : kAnonymous;
}

Verdict authenticate(Exchange& x) {
  assert(x.route.api != nullptr);
  assert(x.route.operation != nullptr);
  const fbs::Api& api = *x.route.api;
  const bool has_foreign = drop_foreign_credentials(x);
  Result<Presented> presented = Presented{};
  if (offers(api, fbs::Scheme::ApiKey))
    presented = take_api_key(x, api.api_key_header()->string_view());
  if (!presented) return refuse(x, presented.error());

  if (x.route.operation->auth() == fbs::AuthType::None) {
    become_anonymous(x);
  } else if (const auto known = check_credentials(x, *presented, has_foreign); !known) {
    return refuse(x, known.error());
  }
  if (const auto routed = check_endpoint(x); !routed) return refuse(x, routed.error());
  return Verdict::Next;
}

}  // namespace apim::auth
