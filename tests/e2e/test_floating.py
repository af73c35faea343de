"""Menus, dialogs and tooltips, which come after the first page: with the first sign of a person, and none too late."""

from playwright.async_api import Route, expect

from tests.e2e.conftest import OpenChat


async def test_what_floats_is_fetched_when_somebody_is_there(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    await page.reload()
    await expect(chat.composer).to_be_focused()
    await page.wait_for_timeout(500)
    assert not [url for url in fetched if "/floating-" in url]
    async with page.expect_request(lambda request: "/floating-" in request.url):
        await page.keyboard.press("Tab")


async def test_the_first_click_opens_a_menu_and_keys_work_in_it(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    account = page.get_by_role("button", name="Account and settings")
    await account.focus()
    await page.keyboard.press("Enter")
    settings = page.get_by_role("menuitem", name="Settings")
    await expect(settings).to_be_visible()
    await expect(account).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[role^=menuitem][data-highlighted]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(settings).to_have_count(0)
    await expect(account).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(settings).to_be_visible()


async def test_a_click_that_finds_the_line_down_works_when_it_is_back(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page

    async def cut(route: Route) -> None:
        await route.abort()

    await page.route("**/floating-*.js", cut)
    await page.reload()
    model = page.get_by_role("button", name="Model:")
    await model.click()
    await page.wait_for_timeout(300)
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.unroute("**/floating-*.js")
    await model.click()
    await expect(page.get_by_role("dialog", name="Choose a model")).to_be_visible()


async def test_an_icon_says_its_name_to_pointer_and_keyboard(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    tip = page.locator(".tip")
    hide = page.get_by_role("button", name="Hide sidebar")
    await page.mouse.move(700, 300)
    await hide.hover()
    await expect(tip).to_contain_text("Hide sidebar")
    await tip.hover()
    await page.wait_for_timeout(300)
    await expect(tip).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(tip).to_have_count(0)
    await page.mouse.move(700, 300)
    await page.get_by_role("link", name="Freehold").focus()
    await page.keyboard.press("Tab")
    await expect(hide).to_be_focused()
    await expect(tip).to_contain_text("Hide sidebar")


async def test_the_tip_of_a_button_does_not_lie_over_what_it_opened(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.ask("a menu")
    await chat.answer.hover()
    more = chat.answer.get_by_role("button", name="More")
    await more.hover()
    await expect(page.locator(".tip")).to_have_text("More")
    for open_it in (more.click, lambda: more.press("Enter")):
        await open_it()
        await expect(page.get_by_role("menu")).to_be_visible()
        await page.wait_for_timeout(700)
        await expect(page.locator(".tip")).to_have_count(0)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("menu")).to_have_count(0)


async def test_a_notice_stands_over_the_middle_of_the_chat(open_chat: OpenChat) -> None:
    for phone in (False, True):
        chat = await open_chat(phone=phone)
        await chat.ask("delete me")
        await chat.page.get_by_role("main").get_by_role("button", name="delete me", exact=True).click()
        await chat.page.get_by_role("menuitem", name="Archive").click()
        toast = chat.page.locator(".toast")
        await expect(toast).to_be_visible()
        await chat.page.wait_for_timeout(400)
        column = await chat.page.locator(".composer").bounding_box()
        box = await toast.bounding_box()
        assert column
        assert box
        assert abs(box["x"] + box["width"] / 2 - column["x"] - column["width"] / 2) < 8
