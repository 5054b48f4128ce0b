#include "iam/resources.h"

#include <fmt/format.h>

namespace tidemark::iam {

std::string literal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool opens = text[i] == '$' && text.substr(i + 1).starts_with('{');
    if (text[i] == '*' || text[i] == '?' || opens)
      out += fmt::format("${{{}}}", text[i]);
    else
      out += text[i];
  }
  return out;
}

std::vector<std::string> rds_arns(const Facts& facts, std::string_view kind,
                                  std::string_view name) {
  std::vector<std::string> arns;
  for (const std::string& region : facts.regions)
    arns.push_back(fmt::format("arn:{}:rds:{}:{}:{}:{}", facts.partition(), region, facts.account,
                               kind, name));
  return arns;
}

std::vector<std::string> instance_arns(const Facts& facts, std::string_view rest) {
  std::vector<std::string> arns;
  for (const Instance& instance : facts.instances)
    arns.push_back(fmt::format("arn:{}:rds:{}:{}:db:{}{}", facts.partition(), instance.region,
                               facts.account, literal(instance.id), rest));
  return arns;
}

std::string bucket_arn(const Facts& facts, const Bucket& bucket) {
  return fmt::format("arn:{}:s3:::{}", facts.partition(), literal(bucket.name));
}

std::string object_arn(const Facts& facts, const Bucket& bucket, std::string_view pattern) {
  return fmt::format("{}/{}{}", bucket_arn(facts, bucket), literal(bucket.prefix), pattern);
}

std::vector<std::string> joined(std::vector<std::vector<std::string>> lists) {
  std::vector<std::string> all;
  for (std::vector<std::string>& list : lists)
    for (std::string& one : list) all.push_back(std::move(one));
  return all;
}

}  // namespace tidemark::iam
