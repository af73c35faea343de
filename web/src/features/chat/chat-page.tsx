export function ChatPage() {
  return <main className="main" id="main" />;
}
