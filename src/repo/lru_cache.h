// LruCache: keeps what was used last, up to a number of bytes. Not thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace tidemark::repo {

template <class Key, class Value>
class LruCache {
 public:
  explicit LruCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Valid until the next put.
  const Value* find(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->value;
  }

  // The newest value stays, however large it is.
  void put(const Key& key, Value value, std::size_t bytes) {
    drop(key);
    order_.push_front({key, std::move(value), bytes});
    entries_[key] = order_.begin();
    bytes_ += bytes;
    while (bytes_ > bytes_max_ && order_.size() > 1) drop(Key(order_.back().key));
  }

  void drop(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    bytes_ -= found->second->bytes;
    order_.erase(found->second);
    entries_.erase(found);
  }

  void clear() {
    order_.clear();
    entries_.clear();
    bytes_ = 0;
  }

  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Key key;
    Value value;
    std::size_t bytes;
  };

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::list<Entry> order_;  // the last used first
  std::unordered_map<Key, typename std::list<Entry>::iterator> entries_;
};

}  // namespace tidemark::repo
