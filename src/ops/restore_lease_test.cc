#include "ops/restore_lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fixed_credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_transport.h"

namespace tidemark::ops {
namespace {

TimePoint at(std::string_view text) { return *parse_time(text); }

// A service that takes every tag it is given.
struct TagService {
  test::ManualClock clock{"2026-11-24T08:30:00Z"};
  test::ScriptedTransport transport;
  test::FixedCredentials credentials;
  aws::QueryClient query{{.endpoint = "https://rds.test", .version = "1", .scope = {"r", "rds"}},
                         {.transport = transport, .credentials = credentials, .clock = clock}};
  aws::rds::RdsClient rds{query};

  TagService() {
    transport.otherwise = [](const net::HttpRequest&) -> Result<net::HttpResponse> {
      return net::HttpResponse{200, {}, "<AddTagsToResourceResponse/>"};
    };
  }
};

core::SeenInstance carrier_with(const std::string& lease) {
  core::SeenInstance instance{.id = "orders", .arn = "arn:orders"};
  if (!lease.empty()) instance.settings.tags[std::string(kRunnerTag)] = lease;
  return instance;
}

ProcessIdentity elsewhere() {
  ProcessIdentity other = this_process();
  other.host = "other-host";
  other.machine = "0123456789abcdef";
  return other;
}

TEST(RestoreLease, ReadsBackWhatItWrote) {
  const TimePoint now = at("2026-11-24T08:30:12Z");
  const auto lease = read_lease({{std::string(kRunnerTag), lease_value(this_process(), now)}});
  ASSERT_TRUE(lease.has_value());
  EXPECT_EQ(lease->holder, this_process().text());
  EXPECT_EQ(lease->renewed, now);
  for (const char* text : {"", "-", "host:1:2:3", "host:1:2:3 yesterday"})
    EXPECT_FALSE(read_lease({{std::string(kRunnerTag), text}})) << text;
}

TEST(RestoreLease, IsTakenWhenNobodyHasIt) {
  TagService service;
  EXPECT_TRUE(hold_lease(service.rds, carrier_with(""), this_process(), service.clock.now()));
  EXPECT_EQ(service.transport.requests.size(), 1u);
  EXPECT_TRUE(hold_lease(service.rds, carrier_with("-"), this_process(), service.clock.now()));
  EXPECT_EQ(service.transport.requests.size(), 2u);
}

TEST(RestoreLease, OfOursIsRenewedOnlyNowAndThen) {
  TagService service;
  const auto carrier = carrier_with(lease_value(this_process(), service.clock.now()));
  EXPECT_TRUE(hold_lease(service.rds, carrier, this_process(), service.clock.now()));
  EXPECT_EQ(service.transport.requests.size(), 0u);
  service.clock.advance(kLeaseRenewal);
  EXPECT_TRUE(hold_lease(service.rds, carrier, this_process(), service.clock.now()));
  EXPECT_EQ(service.transport.requests.size(), 1u);
}

TEST(RestoreLease, OfAnotherIsRespectedUntilItEnds) {
  TagService service;
  const auto carrier = carrier_with(lease_value(elsewhere(), service.clock.now()));
  const Status held = hold_lease(service.rds, carrier, this_process(), service.clock.now());
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().kind, ErrorKind::locked);
  EXPECT_THAT(held.error().message, testing::HasSubstr("other-host"));
  EXPECT_THAT(held.error().hint, testing::HasSubstr("2026-11-24T08:33:00Z"));
  EXPECT_EQ(service.transport.requests.size(), 0u);
  service.clock.advance(kLeaseLength);
  EXPECT_TRUE(hold_lease(service.rds, carrier, this_process(), service.clock.now()));
}

TEST(RestoreLease, OfADeadProcessOfThisMachineIsWorthNothing) {
  TagService service;
  ProcessIdentity dead = this_process();
  dead.started -= 1;
  const auto carrier = carrier_with(lease_value(dead, service.clock.now()));
  EXPECT_TRUE(hold_lease(service.rds, carrier, this_process(), service.clock.now()));
}

}  // namespace
}  // namespace tidemark::ops
