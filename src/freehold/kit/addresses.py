"""Judges IP addresses for outbound connections: public, private, or never to be reached (SECURITY.md, items 27-29)."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

Verdict = Literal["public", "private", "forbidden"]
Address = IPv4Address | IPv6Address

# Cloud metadata services and link-local neighbours: no setting of Freehold makes a connection to these right.
_FORBIDDEN_V4 = tuple(
    IPv4Network(text)
    for text in (
        "169.254.0.0/16",  # link-local, holds the metadata services of AWS, Azure, GCP, OpenStack
        "168.63.129.16/32",  # Azure's wire server
        "100.100.100.200/32",  # Alibaba Cloud's metadata service
        "192.0.0.192/32",  # Oracle Cloud's metadata service
        "224.0.0.0/4",  # multicast
        "255.255.255.255/32",  # broadcast
    )
)
_FORBIDDEN_V6 = tuple(
    IPv6Network(text)
    for text in (
        "fe80::/10",  # link-local
        "fd00:ec2::254/128",  # AWS metadata service
        "fd20:ce::254/128",  # GCP metadata service
        "ff00::/8",  # multicast
    )
)

# Not public although Python's `is_global` says so for some of them on some versions.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "168.63.129.16/32",
    )
)
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(text)
    for text in (
        "::/96",  # IPv4-compatible, holds ::127.0.0.1
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local use
        "100::/64",  # discard
        "2001::/23",  # protocol assignments, holds Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local, deprecated
    )
)

_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = IPv6Network("::/96")
_UNSPECIFIED_OR_LOOPBACK = {IPv6Address("::"), IPv6Address("::1")}


def judge(address: str | Address) -> Verdict:
    """Say what kind of target an address is.

    `public`: anyone's URL may lead there. `private`: only an administrator's provider may. `forbidden`: nothing may
    (link-local, cloud metadata, multicast). Addresses that carry an IPv4 address inside (v4-mapped, NAT64, 6to4,
    v4-compatible) are forbidden when the inner one is. Raises ValueError for text that is no address.
    """
    ip = ip_address(address) if isinstance(address, str) else address
    if isinstance(ip, IPv4Address):
        return _judge_v4(ip)
    if ip.ipv4_mapped is not None:
        return _judge_v4(ip.ipv4_mapped)
    ip = IPv6Address(int(ip))  # without a zone such as %eth0, which would hide a network match
    inner = _inner_v4(ip)
    if _in(ip, _FORBIDDEN_V6) or (inner is not None and _judge_v4(inner) == "forbidden"):
        return "forbidden"
    if not ip.is_global or ip.is_multicast or _in(ip, _NOT_PUBLIC_V6):
        return "private"
    return "public"


def is_public(address: str | Address) -> bool:
    """Whether any user's URL may lead to this address; False for text that is no address."""
    try:
        return judge(address) == "public"
    except ValueError:
        return False


def _judge_v4(ip: IPv4Address) -> Verdict:
    if _in(ip, _FORBIDDEN_V4):
        return "forbidden"
    if not ip.is_global or ip.is_multicast or _in(ip, _NOT_PUBLIC_V4):
        return "private"
    return "public"


def _inner_v4(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a transition address leads to, if any."""
    if ip in _UNSPECIFIED_OR_LOOPBACK:
        return None
    if ip in _NAT64 or ip in _COMPATIBLE:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip in _NAT64_LOCAL:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)  # RFC 6052, section 2.2, with the usual /96 suffix
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    return None


def _in(ip: Address, networks: tuple[IPv4Network, ...] | tuple[IPv6Network, ...]) -> bool:
    return any(ip in network for network in networks)
