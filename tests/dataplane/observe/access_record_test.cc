// What a line of the access log promises: one JSON object, one line, at most 4 KiB.

#include "observe/access_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace apim::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string line_of(const AccessRecord& record) {
  std::array<char, kLineBytesMax> line;
  return {line.data(), format_line(record, line.data())};
}

AccessRecord full_record() {
  AccessRecord record;
  record.wall_ms = 1'769'904'000'123;
  record.duration_us = 812;
  record.backend_us = 700;
  record.request_bytes = 10;
  record.response_bytes = 1024;
  record.epoch = 42;
  record.client = *parse_address("10.1.2.3");
  record.backend_host = "127.0.0.1";
  record.backend_port = 8080;
  record.application_id = 7;
  record.status = 200;
  record.worker = 1;
  record.has_query = true;
  record.method = "GET";
  record.key_type = "PRODUCTION";
  record.request_id = "abc";
  record.host = "localhost";
  record.path = "/pets/1.0/pet/7";
  record.api_name = "Pets";
  record.api_version = "1.0";
  record.api_uuid = "0a1b";
  record.resource = "/pet/{id}";
  record.application = "Shop";
  return record;
}

TEST(AccessLine, HoldsEveryMemberInOrder) {
  EXPECT_EQ(line_of(full_record()),
            "{\"time\":\"2026-02-01T00:00:00.123Z\",\"request_id\":\"abc\",\"client\":\"10.1.2.3\","
            "\"method\":\"GET\",\"host\":\"localhost\",\"path\":\"/pets/1.0/pet/7\",\"query\":true,"
            "\"api\":\"Pets\",\"version\":\"1.0\",\"api_id\":\"0a1b\",\"resource\":\"/pet/{id}\","
            "\"application\":\"Shop\",\"application_id\":7,\"key_type\":\"PRODUCTION\","
            "\"status\":200,\"backend\":\"127.0.0.1:8080\",\"backend_us\":700,"
            "\"request_bytes\":10,\"response_bytes\":1024,\"duration_us\":812,\"epoch\":42,"
            "\"worker\":1}\n");
}

TEST(AccessLine, AFaultHasItsNameAndWso2sCode) {
  AccessRecord record;
  record.status = 401;
  record.fault = FaultCode::KeyUnknown;
  EXPECT_THAT(line_of(record),
              HasSubstr("\"status\":401,\"fault\":\"KeyUnknown\",\"code\":900901,"));
}

TEST(AccessLine, WhatIsNotKnownIsLeftOut) {
  const std::string line = line_of({});
  for (const char* member : {"api", "resource", "backend", "fault", "query", "truncated"}) {
    EXPECT_THAT(line, Not(HasSubstr(std::string("\"") + member + "\""))) << member;
  }
}

TEST(AccessLine, AddressesOfBothFamiliesAreWritten) {
  AccessRecord record;
  record.client = *parse_address("2001:db8::1");
  record.backend_host = "::1";
  record.backend_port = 443;
  EXPECT_THAT(line_of(record), HasSubstr("\"client\":\"2001:db8::1\""));
  EXPECT_THAT(line_of(record), HasSubstr("\"backend\":\"[::1]:443\""));
  record.client = *parse_address("255.0.10.200");
  EXPECT_THAT(line_of(record), HasSubstr("\"client\":\"255.0.10.200\""));
}

TEST(AccessLine, AForgedLineStaysOneLine) {
  AccessRecord record;
  record.request_id = "a\"}\n{\"time\":\"x";
  const std::string line = line_of(record);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_THAT(line, HasSubstr("a\\\"}\\n{\\\"time\\\":\\\"x"));
}

TEST(AccessLine, TheLongestRecordStaysInBoundsAndSaysThatItWasCut) {
  for (const char fill : {'a', '\x01', '\xff', '"'}) {
    const std::string text(10'000, fill);
    AccessRecord record;
    for (const AccessText& member : kAccessTexts) record.*member.member = text;
    record.wall_ms = record.duration_us = record.backend_us = ~uint64_t{0} >> 12;
    record.request_bytes = record.response_bytes = record.epoch = ~uint64_t{0};
    record.client = *parse_address("2001:db8:1234:5678:9abc:def0:1234:5678");
    record.backend_port = 65535;
    record.application_id = ~uint32_t{0};
    record.fault = FaultCode::ThrottledSubscriptionBurst;
    const std::string line = line_of(record);
    EXPECT_LE(line.size(), kLineBytesMax);
    EXPECT_TRUE(line.ends_with(",\"truncated\":true}\n"));
  }
}

TEST(AccessLine, DatesAreRight) {
  AccessRecord record;
  record.wall_ms = 951'827'696'007;  // A leap day.
  EXPECT_THAT(line_of(record), HasSubstr("\"time\":\"2000-02-29T12:34:56.007Z\""));
}

}  // namespace
}  // namespace apim::observe
