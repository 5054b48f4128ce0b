// The contract on a real S3 server, and what only a real server can show of our client.
//
//   store_contract_s3 ENDPOINT BUCKET [options of GoogleTest]
//
// The keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. The bucket exists, and is used up.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <unistd.h>

#include "base/stop.h"
#include "net/curl_transport.h"
#include "storage/probe.h"
#include "storage/s3/s3_store.h"
#include "storage/wrap/retrying_store.h"
#include "tests/contract/object_store_contract.h"

namespace tidemark::test {
namespace {

using storage::PutMode;

struct Server {
  std::string endpoint;
  std::string bucket;
  aws::Credentials keys;
};
Server server;  // set by main() before any test

class ServerKeys final : public aws::CredentialProvider {
 public:
  Result<aws::Credentials> get() override { return server.keys; }
  void forget() override {}
};

// Loses what the test wants to see lost: the requests never arrive.
class LossyTransport final : public net::HttpTransport {
 public:
  explicit LossyTransport(net::HttpTransport& inner) : inner_(inner) {}

  Result<net::HttpResponse> send(const net::HttpRequest& request) override {
    if (lose && lose(request)) return Error{ErrorKind::unavailable, "lost by the test"};
    return inner_.send(request);
  }

  std::function<bool(const net::HttpRequest&)> lose;

 private:
  net::HttpTransport& inner_;
};

// Small parts and pages, so that a few objects need several.
constexpr aws::S3Limits kSmallLimits{
    .single_put_bytes_max = 5u << 20, .part_bytes = 5u << 20, .page_entries_max = 7};

constexpr RetryPolicy kRetryPolicy{.attempts_max = 8, .delay_first = Millis{20}};

// A prefix of its own in the bucket.
class S3Place final : public StorePlace {
 public:
  explicit S3Place(bool retried = false) : retried_(retried) {
    static int count = 0;
    prefix_ = "contract-" + std::to_string(::getpid()) + "/" + std::to_string(++count);
  }

  storage::ObjectStore& open() override {
    std::unique_ptr<storage::ObjectStore> store = open_s3();
    if (retried_)
      store = std::make_unique<storage::RetryingStore>(std::move(store), clock_, 1, kRetryPolicy);
    stores_.push_back(std::move(store));
    return *stores_.back();
  }

  std::unique_ptr<storage::S3Store> open_s3(const std::string& bucket = server.bucket) {
    auto client = aws::S3Client::open({.bucket = bucket, .endpoint_url = server.endpoint},
                                      {transport_, keys_, clock_}, kSmallLimits);
    CHECK(bool(client));
    return std::make_unique<storage::S3Store>(*std::move(client), prefix_);
  }

  LossyTransport& transport() { return transport_; }
  TimePoint now() const { return clock_.now(); }

 private:
  const bool retried_;
  std::string prefix_;
  StopSignal stop_;
  SystemClock clock_{stop_};
  ServerKeys keys_;
  std::unique_ptr<net::CurlTransport> curl_ = *net::CurlTransport::open({}, stop_);
  LossyTransport transport_{*curl_};
  std::vector<std::unique_ptr<storage::ObjectStore>> stores_;
};

INSTANTIATE_TEST_SUITE_P(
    S3, ObjectStoreContract,
    ::testing::Values(StoreMaker{"S3", [] { return std::make_unique<S3Place>(); }},
                      StoreMaker{"Retried", [] { return std::make_unique<S3Place>(true); }}),
    store_name);

TEST(S3Server, AMissingBucketIsNoEmptyStore) {
  S3Place place;
  const auto store = place.open_s3("tidemark-no-such-bucket");
  const auto visit = [](const storage::ObjectInfo&) -> Status { return Done{}; };
  for (const Error& error :
       {store->list("", visit).error(), store->get("a").error(), store->stat("a").error(),
        store->remove("a").error(), store->put("a", "x", PutMode::create_only).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::rejected) << error.message;
    EXPECT_EQ(error.code, "NoSuchBucket") << error.message;
  }
}

// Begins an upload that never ends, and that nobody aborts.
void leave_upload_behind(S3Place& place, storage::ObjectStore& store) {
  place.transport().lose = [](const net::HttpRequest& request) {
    return request.url.find("partNumber=3") != std::string::npos || request.method == "DELETE";
  };
  EXPECT_EQ(store.put("packs/1", noise(kLargeBytes), PutMode::create_only).error().kind,
            ErrorKind::unavailable);
  place.transport().lose = nullptr;
}

TEST(S3Server, AnUploadLeftBehindIsEnded) {
  S3Place place;
  const auto store = place.open_s3();
  leave_upload_behind(place, *store);
  EXPECT_EQ(store->stat("packs/1").error().kind, ErrorKind::not_found);
  EXPECT_EQ(*store->abort_abandoned(place.now() + std::chrono::hours(1)), 1u);
  EXPECT_EQ(*store->abort_abandoned(place.now() + std::chrono::hours(1)), 0u);
}

TEST(S3Server, AnUploadThatBeganLateIsLeftAlone) {
  S3Place place;
  const auto store = place.open_s3();
  leave_upload_behind(place, *store);
  EXPECT_EQ(*store->abort_abandoned(place.now() - std::chrono::hours(1)), 0u);
  EXPECT_EQ(*store->abort_abandoned(place.now() + std::chrono::hours(1)), 1u);
}

TEST(S3Server, AFailedUploadInPartsLeavesNothing) {
  S3Place place;
  const auto store = place.open_s3();
  place.transport().lose = [](const net::HttpRequest& request) {
    return request.url.find("partNumber=2") != std::string::npos;
  };
  EXPECT_FALSE(store->put("packs/1", noise(kLargeBytes), PutMode::create_only));
  place.transport().lose = nullptr;
  EXPECT_EQ(store->stat("packs/1").error().kind, ErrorKind::not_found);
  EXPECT_EQ(*store->abort_abandoned(place.now() + std::chrono::hours(1)), 0u);
}

TEST(S3Server, KeepsWhatARepositoryDependsOn) {
  S3Place place;
  const Status kept = probe_store(place.open(), "probe/1");
  EXPECT_TRUE(kept) << kept.error().message;
}

TEST(S3Server, TheObjectsOfAnotherPrefixAreNotOurs) {
  S3Place here;
  S3Place there;
  ASSERT_TRUE(here.open().put("a", "here", PutMode::create_only));
  ASSERT_TRUE(there.open().put("a", "there", PutMode::create_only));
  EXPECT_EQ(*here.open().get("a"), "here");
  int visits = 0;
  ASSERT_TRUE(here.open().list("", [&](const storage::ObjectInfo&) -> Status {
    ++visits;
    return Done{};
  }));
  EXPECT_EQ(visits, 1);
}

}  // namespace
}  // namespace tidemark::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const char* id = std::getenv("AWS_ACCESS_KEY_ID");
  const char* secret = std::getenv("AWS_SECRET_ACCESS_KEY");
  if (argc != 3 || id == nullptr || secret == nullptr) {
    std::fprintf(stderr,
                 "usage: store_contract_s3 ENDPOINT BUCKET, with AWS_ACCESS_KEY_ID and "
                 "AWS_SECRET_ACCESS_KEY\n");
    return 64;
  }
  using namespace tidemark;
  test::server = {argv[1], argv[2], {.access_key_id = id, .secret_access_key = Secret(secret)}};
  return RUN_ALL_TESTS();
}
