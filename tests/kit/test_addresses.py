"""The judge of addresses: what may never be reached, what only an administrator's provider may, what anyone may."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.kit.addresses import is_public, judge

# SECURITY.md, item 28: none of these is public.
NOT_PUBLIC = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "168.63.129.16/32",
    "::/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]

# Item 29 and the metadata services of the clouds: not even a provider's address may lead there.
FORBIDDEN = [
    "169.254.0.0/16",
    "168.63.129.16/32",
    "100.100.100.200/32",
    "192.0.0.192/32",
    "224.0.0.0/4",
    "255.255.255.255/32",
    "fe80::/10",
    "ff00::/8",
    "fd00:ec2::254/128",
    "fd20:ce::254/128",
]


def inside(texts: list[str]) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    """Any address of any of the networks."""

    def address(network: IPv4Network | IPv6Network) -> st.SearchStrategy[IPv4Address | IPv6Address]:
        return st.integers(0, network.num_addresses - 1).map(lambda offset: network[offset])

    return st.sampled_from([ip_network(text) for text in texts]).flatmap(address)


@given(inside(NOT_PUBLIC))
def test_nothing_listed_is_public(address: IPv4Address | IPv6Address) -> None:
    assert judge(address) != "public"
    assert not is_public(str(address))


@given(inside(FORBIDDEN))
def test_nothing_forbidden_is_let_through(address: IPv4Address | IPv6Address) -> None:
    assert judge(str(address)) == "forbidden"


@given(inside([text for text in FORBIDDEN if ":" not in text]))
def test_a_forbidden_address_stays_so_inside_every_ipv6_wrapping(address: IPv4Address) -> None:
    number = int(address)
    for wrapped in (
        IPv6Address((0xFFFF << 32) | number),  # v4-mapped
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),  # NAT64
        IPv6Address(int(IPv6Address("64:ff9b:1::")) | number),
        IPv6Address(number),  # v4-compatible
        IPv6Address((0x2002 << 112) | (number << 80) | 1),  # 6to4
        IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),  # Teredo, the client's address
    ):
        assert judge(wrapped) == "forbidden", wrapped


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_maps(address: IPv4Address) -> None:
    assert judge(IPv6Address((0xFFFF << 32) | int(address))) == judge(address)


@given(st.ip_addresses())
def test_public_means_globally_reachable_unicast(address: IPv4Address | IPv6Address) -> None:
    if judge(address) == "public":
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_private


@given(st.ip_addresses(v=6))
def test_a_zone_changes_nothing(address: IPv6Address) -> None:
    assert judge(f"{address}%eth0") == judge(address)


@pytest.mark.parametrize("text", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001:80b::200e"])
def test_the_open_internet_is_public(text: str) -> None:
    assert judge(text) == "public"


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.20", "172.17.0.1", "100.64.0.7", "fd12:3456::1", "0.0.0.0", "::"],
)
def test_the_house_and_this_machine_are_private(text: str) -> None:
    assert judge(text) == "private"


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.1", "2130706433", "1.2.3.4.5", "[::1]", "1.2.3.4/8"])
def test_other_spellings_are_no_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        judge(text)
    assert not is_public(text)


def test_pythons_own_word_is_not_enough() -> None:
    """The reason for the lists: Python calls some of these global."""
    for text in ("192.0.0.192", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "fec0::1", "::127.0.0.1"):
        assert judge(ip_address(text)) != "public"
