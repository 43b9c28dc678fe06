package suspect

import "strings"

// concepts are what alerts and changes speak of in words of their own: an alert says 401, and a change that a credential was
// rotated. The words are those of protocols, databases and operating systems, and of who writes about them.
var concepts = map[string]map[string]bool{
	"about who may do what": wordSet(`auth authn authz authentication authenticate authenticated authorization authorisation authorize unauthorized unauthorised
		unauthenticated forbidden denied 401 403 login logon signin credential password passwd oauth oidc saml sso jwt hmac permission grant role rbac iam acl secret token`),
	"about certificates": wordSet(`certificate cert tls mtls ssl x509 handshake expired issuer truststore acme letsencrypt`),
	"about names":        wordSet(`dns resolve resolver resolution nxdomain servfail enotfound eai_again getaddrinfo nameserver coredns kube-dns bind dnssec zone cname`),
	"about the network": wordSet(`network networking packet bgp router routing firewall iptables nftables backbone peering vpc subnet unreachable loss optics
		prefix cni egress nat mtu vlan switch conntrack connectivity mesh ingress calico cilium istio envoy`),
	"about the processor": wordSet(`cpu core processor regex regexp pattern backtracking loop spinning`),
	"about connections":   wordSet(`connection connect pool socket keepalive maxclients`),
	"about formats":       wordSet(`parse parser parsing syntax malformed deserialize deserialization decode encoding yaml json checksum compression compressor`),
	"about clocks":        wordSet(`clock ntp skew drift leap timezone`),
	"about the database": wordSet(`database sql mysql postgres postgresql mariadb oracle mongodb cassandra query queries deadlock lock replica replication index table column
		migration transaction vacuum wraparound schema foreign`),
	"about memory": wordSet(`memory oom oomkilled heap gc garbage leak rss jvm`),
	"about load": wordSet(`429 throttle throttled throttling overload overloaded saturated saturation quota exhausted rejected backlog retry retries backoff flood surge
		limiter concurrency queueing hammering`),
	"about caches":  wordSet(`cache cached redis memcached eviction evicted cold warmup ttl`),
	"about disks":   wordSet(`disk filesystem volume inode enospc pvc ebs storage`),
	"about devices": wordSet(`kernel kubelet node nodes notready reboot systemd hypervisor`),
}

// pressing is the concept of an alert that speaks of too much load.
const pressing = "about load"

// conceptOf gives the concept of a word, as words are kept: without the plural.
var conceptOf = func() map[string]string {
	of := map[string]string{}
	for name, group := range concepts {
		for word := range group {
			of[singular(word)] = name
		}
	}
	return of
}()

// conceive adds the concepts of some words to them. What stands for a concept is no word that anybody writes.
func conceive(all map[string]bool) {
	var found []string
	for word := range all {
		if name, ok := conceptOf[word]; ok {
			found = append(found, name)
		}
	}
	for _, name := range found {
		all[name] = true
	}
}

// general is of how much less weight a concept is than a word that both say.
const general = 0.5

func worth(word string) float64 {
	if _, is := conceptNamed(word); is {
		return general
	}
	return 1
}

// conceptNamed tells a concept from a word, and says it without its mark.
func conceptNamed(word string) (concept string, is bool) { return strings.CutPrefix(word, "about ") }
