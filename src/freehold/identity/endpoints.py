"""Bootstrap, sign-in, sessions and one's own settings."""

from fastapi import APIRouter, Request, Response, status

from freehold.access.cookies import clear_session, set_session
from freehold.access.dependencies import Admin, Member, Public, visitor_of
from freehold.deps import ServicesDep
from freehold.errors import Conflict
from freehold.identity.schemas import AccountsOn, Bootstrap, Me, MePatch, PasswordChange, SessionInfo, Setup, SignIn

router = APIRouter(prefix="/api", tags=["identity"])


@router.get("/bootstrap")
async def read_bootstrap(subject: Public, services: ServicesDep) -> Bootstrap:
    """Everything the web app needs to draw its first frame."""
    return await services.identity.bootstrap(subject.user_id if subject else None)


async def _enter(request: Request, response: Response, services: ServicesDep, token: str) -> Bootstrap:
    """Set the cookie of a fresh session and answer as the new person."""
    identity = services.identity
    seconds = int(identity.policy.absolute.total_seconds())
    set_session(request, response, token, seconds, plain_http=identity.policy.plain_http)
    known = await identity.authenticate(token)
    return await identity.bootstrap(known.user_id if known else None)


@router.post("/session")
async def sign_in(
    body: SignIn, subject: Public, request: Request, response: Response, services: ServicesDep
) -> Bootstrap:
    """Sign in with e-mail and password, or with the access code alone."""
    del subject
    token = await services.identity.sign_in(body.email, body.password.get_secret_value(), visitor_of(request))
    return await _enter(request, response, services, token)


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(subject: Member, response: Response, services: ServicesDep) -> None:
    """End the session of this browser."""
    if subject.session_id is None:
        raise Conflict("There is no session to end: this server has no accounts.", next_step="Turn accounts on first.")
    await services.identity.end_session(subject.user_id, subject.session_id)
    clear_session(response)


@router.post("/setup")
async def setup(body: Setup, subject: Public, request: Request, response: Response, services: ServicesDep) -> Bootstrap:
    """Make the first administrator with the one-time token that the server printed."""
    del subject
    token = await services.identity.setup(
        body.token, body.email, body.name, body.password.get_secret_value(), visitor_of(request)
    )
    return await _enter(request, response, services, token)


@router.post("/accounts")
async def turn_accounts_on(
    body: AccountsOn, subject: Admin, request: Request, response: Response, services: ServicesDep
) -> Bootstrap:
    """Turn single-user mode into accounts; the local owner becomes this administrator."""
    if not subject.single_user:
        raise Conflict("Accounts are on already.", next_step="Sign in.")
    token = await services.identity.accounts_on(
        body.email, body.name, body.password.get_secret_value(), visitor_of(request)
    )
    return await _enter(request, response, services, token)


@router.get("/sessions")
async def list_sessions(subject: Member, services: ServicesDep) -> list[SessionInfo]:
    """One's own open sessions."""
    return await services.identity.sessions(subject.user_id, subject.session_id)


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
async def end_session(session_id: str, subject: Member, services: ServicesDep) -> None:
    """End one of one's own sessions."""
    await services.identity.end_session(subject.user_id, session_id)


@router.get("/me")
async def read_me(subject: Member, services: ServicesDep) -> Me:
    """One's own record."""
    return await services.identity.me(subject.user_id)


@router.patch("/me")
async def change_me(body: MePatch, subject: Member, services: ServicesDep) -> Me:
    """Change one's name or preferences."""
    return await services.identity.patch_me(subject.user_id, body)


@router.post("/me/password", status_code=status.HTTP_204_NO_CONTENT)
async def change_password(body: PasswordChange, subject: Member, services: ServicesDep) -> None:
    """Change one's password; every other session ends."""
    await services.identity.change_password(
        subject.user_id,
        subject.session_id,
        body.current_password.get_secret_value(),
        body.new_password.get_secret_value(),
    )
