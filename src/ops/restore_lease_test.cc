#include "ops/restore_lease.h"

#include <atomic>
#include <future>

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

TEST(RestoreLease, IsOursOnlyWhileItShowsAndLasts) {
  TagService service;
  const TimePoint now = service.clock.now();
  const auto carrier = carrier_with(lease_value(this_process(), now));
  EXPECT_TRUE(require_own_lease(carrier, this_process(), now));
  const auto kind = [&](const core::SeenInstance& one, TimePoint when) {
    return require_own_lease(one, this_process(), when).error().kind;
  };
  EXPECT_EQ(kind(carrier, now + kLeaseLength), ErrorKind::conflict);
  EXPECT_EQ(kind(carrier_with("-"), now), ErrorKind::conflict);
  EXPECT_EQ(kind(carrier_with(lease_value(elsewhere(), now)), now), ErrorKind::locked);
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

// The test's own process, as another run of this machine would see it.
ProcessIdentity neighbour() {
  ProcessIdentity other = this_process();
  other.pid += 1;
  return other;
}

TEST(RestoreLease, OfARunningProcessOfThisMachineHoldsWhateverItsAge) {
  TagService service;
  const auto carrier = carrier_with(lease_value(this_process(), service.clock.now()));
  service.clock.advance(100 * kLeaseLength);
  const Status held = hold_lease(service.rds, carrier, neighbour(), service.clock.now());
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().kind, ErrorKind::locked);
  EXPECT_THAT(held.error().hint, testing::HasSubstr("runs on this machine"));
  EXPECT_EQ(service.transport.requests.size(), 0u);
}

std::string described(const std::string& lease) {
  return "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>"
         "<DBInstanceIdentifier>orders</DBInstanceIdentifier><DBInstanceArn>arn:orders"
         "</DBInstanceArn><DBInstanceStatus>available</DBInstanceStatus><DbiResourceId>db-A</"
         "DbiResourceId><TagList><Tag><Key>tidemark:restore-runner</Key><Value>" +
         lease +
         "</Value></Tag></TagList></DBInstance></DBInstances></DescribeDBInstancesResult>"
         "</DescribeDBInstancesResponse>";
}

TEST(RestoreLease, IsRenewedAsTheServiceShowsItAndNeverTakenBackFromAnother) {
  TagService service;
  const std::string ours = lease_value(this_process(), service.clock.now());
  service.clock.advance(kLeaseRenewal);
  service.transport.then(200, described(ours));
  EXPECT_TRUE(renew_lease(service.rds, "orders", this_process(), service.clock.now()));
  ASSERT_EQ(service.transport.requests.size(), 2u);
  EXPECT_THAT(service.transport.requests[1].body, testing::HasSubstr("AddTagsToResource"));

  service.transport.then(200, described(lease_value(elsewhere(), service.clock.now())));
  const Status lost = renew_lease(service.rds, "orders", this_process(), service.clock.now());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::locked);
  EXPECT_EQ(service.transport.requests.size(), 3u);
}

TEST(WhileRenewing, RenewsAgainAndAgainAlsoAfterAFailureAndEndsWithTheWork) {
  std::atomic<int> count{0};
  std::promise<void> third;
  const auto renew = [&]() -> Status {
    if (++count == 3) third.set_value();
    return Error{ErrorKind::unavailable, "not now"};
  };
  const Status done = while_renewing(renew, Millis(1), [&]() -> Status {
    third.get_future().wait();
    return Error{ErrorKind::rejected, "the work's own"};
  });
  const int at_the_end = count;
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the work's own");
  EXPECT_GE(at_the_end, 3);
  EXPECT_EQ(count, at_the_end) << "it went on after the work";
}

TEST(WhileRenewing, DoesNotHoldUpWorkThatIsShort) {
  int count = 0;
  EXPECT_TRUE(while_renewing(
      [&]() -> Status {
        ++count;
        return Done{};
      },
      std::chrono::hours(1), []() -> Status { return Done{}; }));
  EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace tidemark::ops
