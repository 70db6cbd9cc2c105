// What the table of field names promises.

#include "http/field_id.h"

#include <gtest/gtest.h>

namespace apim::http {
namespace {

TEST(FieldId, NamesAreFoundInAnyCase) {
  EXPECT_EQ(field_id("host"), FieldId::Host);
  EXPECT_EQ(field_id("CONTENT-LENGTH"), FieldId::ContentLength);
  EXPECT_EQ(field_id("Access-Control-Request-Method"), FieldId::AccessControlRequestMethod);
  for (const char* name : {"", "hos", "hosts", "x-forwarded", "content_length"})
    EXPECT_EQ(field_id(name), FieldId::Other) << name;
}

TEST(FieldId, EveryForwardedFieldIsKnownHoweverLong) {
  EXPECT_EQ(field_id("X-Forwarded-For"), FieldId::XForwardedFor);
  EXPECT_EQ(field_id("X-Forwarded-User"), FieldId::XForwardedOther);
  EXPECT_EQ(field_id("x-forwarded-" + std::string(100, 'a')), FieldId::XForwardedOther);
  EXPECT_EQ(field_id("x-forwarded-"), FieldId::Other);
}

TEST(FieldId, AliasesReadUnderscoresAndDotsAsDashes) {
  EXPECT_EQ(aliased_field_id("Transfer_Encoding"), FieldId::TransferEncoding);
  EXPECT_EQ(aliased_field_id("x.forwarded_for"), FieldId::XForwardedFor);
  EXPECT_EQ(aliased_field_id("X_Forwarded_User"), FieldId::XForwardedOther);
  EXPECT_EQ(aliased_field_id("X_Forwarded_" + std::string(100, 'a')), FieldId::XForwardedOther);
  EXPECT_EQ(aliased_field_id("Some_Thing"), FieldId::Other);
}

TEST(FieldId, WhatFramesAndRoutesIsProtected) {
  EXPECT_TRUE(is_hop_by_hop(FieldId::TransferEncoding));
  EXPECT_FALSE(is_hop_by_hop(FieldId::Host));
  for (const FieldId id : {FieldId::Host, FieldId::Authorization, FieldId::XForwardedOther})
    EXPECT_TRUE(is_protected_from_connection(id));
  EXPECT_TRUE(is_forwarding(FieldId::XRealIp));
  EXPECT_FALSE(is_forwarding(FieldId::Authorization));
  EXPECT_FALSE(is_protected_from_connection(FieldId::Other));
}

}  // namespace
}  // namespace apim::http
