// What is promised about secrets of back ends: never shown, kept unless replaced.

#include "model/endpoint_secrets.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace apim::model {
namespace {

using Json = nlohmann::json;

Json secured(const Json& password) {
  return {{"name", "a"},
          {"endpointConfig",
           {{"amznSecretKey", "aws"},
            {"endpoint_security",
             {{"production",
               {{"username", "bob"},
                {"password", password},
                {"clientSecret", "oauth"},
                {"apiKeyValue", "key"},
                {"proxyConfigs", {{"proxyPassword", "proxy"}}}}}}}}}};
}

TEST(EndpointSecrets, AllOfThemAreBlanked) {
  Json document = secured("secret");
  blank_secrets(document);
  const std::string text = document.dump();
  for (const char* secret : {"secret\"", "aws", "oauth", "\"key\"", "\"proxy\""})
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  EXPECT_NE(text.find("bob"), std::string::npos);
  EXPECT_EQ(document["endpointConfig"]["endpoint_security"]["production"]["password"], "");
}

TEST(EndpointSecrets, AnEmptyOneKeepsTheStored) {
  const std::string stored = secured("secret").dump();
  EXPECT_EQ(Json::parse(keep_secrets(secured("").dump(), stored)), secured("secret"));
  EXPECT_EQ(Json::parse(keep_secrets(secured(nullptr).dump(), stored)), secured("secret"));
  EXPECT_EQ(Json::parse(keep_secrets(secured("new").dump(), stored)), secured("new"));
}

TEST(EndpointSecrets, WhatIsNotThereStaysAway) {
  const std::string plain = R"({"endpointConfig":{"endpoint_type":"http"}})";
  EXPECT_EQ(keep_secrets(plain, secured("secret").dump()), plain);
  EXPECT_EQ(keep_secrets("{}", secured("secret").dump()), "{}");
  EXPECT_EQ(Json::parse(keep_secrets(secured("").dump(), plain)), secured(""));
}

}  // namespace
}  // namespace apim::model
