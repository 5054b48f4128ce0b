// The contract on the stores that need no server: memory, a local folder, and each wrapper around
// one of them. tests/contract has S3.
#include <cstdlib>
#include <filesystem>

#include "base/stop.h"
#include "storage/local/local_store.h"
#include "storage/wrap/bandwidth_limited_store.h"
#include "storage/wrap/logging_store.h"
#include "storage/wrap/retrying_store.h"
#include "tests/contract/object_store_contract.h"
#include "tests/support/faulty_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace tidemark::test {
namespace {

class MemoryPlace final : public StorePlace {
 public:
  storage::ObjectStore& open() override { return store_; }

 private:
  MemoryStore store_;
};

class LocalPlace final : public StorePlace {
 public:
  storage::ObjectStore& open() override {
    auto store = storage::LocalStore::open(folder_.path());
    CHECK(bool(store));
    stores_.push_back(*std::move(store));
    return *stores_.back();
  }

 private:
  TemporaryFolder folder_;
  std::vector<std::unique_ptr<storage::ObjectStore>> stores_;
};

// All wrappers that change no meaning, one around the other, on a local folder.
class WrappedPlace final : public StorePlace {
 public:
  storage::ObjectStore& open() override {
    std::unique_ptr<storage::ObjectStore> store = *storage::LocalStore::open(folder_.path());
    store = std::make_unique<storage::LoggingStore>(std::move(store), clock_,
                                                    [](const storage::StoreCall&) {});
    store = std::make_unique<storage::BandwidthLimitedStore>(
        std::move(store), storage::BandwidthLimits{std::uint64_t{1} << 40, std::uint64_t{1} << 40},
        clock_);
    store = std::make_unique<storage::RetryingStore>(std::move(store), clock_, 1);
    stores_.push_back(std::move(store));
    return *stores_.back();
  }

 private:
  TemporaryFolder folder_;
  StopSignal stop_;
  SystemClock clock_{stop_};
  std::vector<std::unique_ptr<storage::ObjectStore>> stores_;
};

template <class Place>
StoreMaker maker(std::string name) {
  return {std::move(name), [] { return std::make_unique<Place>(); }};
}

INSTANTIATE_TEST_SUITE_P(Stores, ObjectStoreContract,
                         ::testing::Values(maker<MemoryPlace>("Memory"), maker<LocalPlace>("Local"),
                                           maker<WrappedPlace>("Wrapped")),
                         store_name);

}  // namespace
}  // namespace tidemark::test
