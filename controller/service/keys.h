// Keys: an application's API keys. The key's text is given out once; only its digest is kept.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/consumer.h"
#include "service/context.h"

namespace apim::service::keys {

struct Wish {
  std::string name = {};
  model::KeyType type = model::KeyType::Production;
  int64_t valid_s = -1;                 // -1 = for ever
  std::string permitted_ips = {};       // comma list of addresses and CIDR ranges
  std::string permitted_referers = {};  // comma list, '*' matches any run
};

struct Issued {
  std::string text;  // "apim_" and 43 characters of base64url: 256 random bits
  model::ApiKey key;
};

Result<Changed<Issued>> generate(Context& context, const Caller& caller,
                                 const std::string& application_uuid, const Wish& wish);
Result<std::vector<model::ApiKey>> list(Context& context, const Caller& caller,
                                        const std::string& application_uuid, model::KeyType type);

struct Which {
  std::string text = {};  // the key itself, or
  std::string uuid = {};  // what the list shows
};
// 404 when the application has no such key.
Result<Changed<Nothing>> revoke(Context& context, const Caller& caller,
                                const std::string& application_uuid, const Which& which);

// SHA-256 of a key's text.
std::array<uint8_t, 32> digest_of(const std::string& text);

}  // namespace apim::service::keys
