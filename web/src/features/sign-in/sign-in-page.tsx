export function SignInPage() {
  return <main className="main" />;
}
